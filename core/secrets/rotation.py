"""Encrypt everything again with the newest key, a piece at a time, beside everything else that runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import F, Field, Func, Model, TextField

from core.secrets.fields import EncryptedTextField, StoredSecret
from core.secrets.keys import Unreadable, decrypt, encrypt, is_newest

PIECE = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """Of one column (`label`: app.Model.field), how many values were encrypted again and how many no key opens."""

    label: str
    changed: int
    unreadable: int


class _Raw(Func):
    """The column as it is stored."""

    template = "%(expressions)s"
    output_field = TextField()


def encrypted_columns() -> Iterator[tuple[type[Model], "Field[Any, Any]"]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def rotate_all() -> list[Rotated]:
    """Encrypt what the newest key has not encrypted; what no key opens stays as it is."""
    return [rotate_column(model, field.name) for model, field in encrypted_columns()]


def rotate_column(model: type[Model], name: str) -> Rotated:
    """As `rotate_all`, of one column. A value that is changed meanwhile is left to whoever changed it."""
    changed = unreadable = 0
    for pk, stored in _stored(model, name):
        if is_newest(stored):
            continue
        try:
            fresh = encrypt(decrypt(stored))
        except Unreadable:
            unreadable += 1
            continue
        rows = model._default_manager.annotate(raw_secret=_Raw(F(name))).filter(pk=pk, raw_secret=stored)
        changed += rows.update(**{name: StoredSecret.of(fresh)})
    return Rotated(f"{model._meta.label}.{name}", changed, unreadable)


def _stored(model: type[Model], name: str) -> Iterator[tuple[Any, str]]:
    rows = model._default_manager.order_by("pk").annotate(raw_secret=_Raw(F(name))).values_list("pk", "raw_secret")
    after: Any = None
    while piece := list((rows if after is None else rows.filter(pk__gt=after))[:PIECE]):
        yield from piece
        after = piece[-1][0]


def unreadable_columns() -> list[Rotated]:
    """The columns that hold values which no key opens; looks at each value once."""
    return [one for one in (_unreadable(*column) for column in encrypted_columns()) if one.unreadable]


def _unreadable(model: type[Model], field: "Field[Any, Any]") -> Rotated:
    count = 0
    for _pk, stored in _stored(model, field.name):
        try:
            decrypt(stored)
        except Unreadable:
            count += 1
    return Rotated(f"{model._meta.label}.{field.name}", 0, count)
