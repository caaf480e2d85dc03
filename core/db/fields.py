"""Model fields that know no app."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:

    class Base(models.TextField[Any, Any]):
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any
else:
    Base = models.TextField


class OrderedJSONField(Base):
    """A JSON value that keeps the order of its keys, as it was written.

    PostgreSQL's `jsonb`, which Django's JSONField uses, sorts keys. It cannot be searched by its parts.
    """

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj), ensure_ascii=False)
