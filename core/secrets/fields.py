"""A text that the database keeps encrypted."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import IsNull

from core.secrets.keys import Unreadable, decrypt, encrypt

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    Base = models.TextField[str, str]
else:
    Base = models.TextField


class StoredSecret(str):
    """A secret that no key opens: an empty text that is written back as it was stored.

    Sweeps go on past a row with such a value, and saving the row does not destroy what the right key would open.
    """

    stored: str

    @classmethod
    def of(cls, stored: str) -> "StoredSecret":
        made = cls("")
        made.stored = stored
        return made


class EncryptedTextField(Base):
    """Plain in Python, encrypted in the column. It cannot be searched, and dumps of the data leave it out."""

    def from_db_value(self, value: str | None, _expression: Any, _connection: "BaseDatabaseWrapper") -> str | None:
        if value is None:
            return None
        try:
            return decrypt(value)
        except Unreadable:
            return StoredSecret.of(value)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, StoredSecret):
            return value.stored
        prepared = super().get_prep_value(value)
        return encrypt(prepared) if isinstance(prepared, str) else prepared

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull`: two encryptions of one text differ, so a comparison would find nothing, silently."""
        return IsNull if lookup_name == "isnull" else None

    def value_to_string(self, obj: models.Model) -> str:
        return ""
