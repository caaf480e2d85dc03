"""INSERT and UPDATE, worded from the models once in a process."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, JSONField, Model

from config.statements.reading import Row
from config.statements.sending import connected, sends_together, sent

Fields = tuple["Field[Any, Any]", ...]


def insert(row: Model) -> None:
    """INSERT, and the key that the database makes onto the row."""
    database = connected()
    sql, fields = _insert_sql(type(row), database.vendor, _own(type(row)), (), True)
    there = vars(row)
    cursor = sent(database, sql, _values([there[field.attname] for field in fields], fields, database))
    if row._meta.auto_field is not None:
        setattr(row, row._meta.auto_field.attname, cursor.fetchone()[0])
    row._state.adding, row._state.db = False, database.alias


def insert_both(first: Model, row: Model, by: str) -> None:
    """INSERT `first` and then `row`, whose attribute `by` is the key of the first: on PostgreSQL in one statement."""
    database = connected()
    if not sends_together(database):
        insert(first)
        setattr(row, by, first.pk)
        insert(row)
        return
    sql, fields, own = _both_sql(type(first), type(row), database.vendor, by)
    there = [vars(first)[field.attname] for field in fields] + [vars(row)[field.attname] for field in own]
    found = sent(database, sql, _values(there, (*fields, *own), database)).fetchone()
    for made, key in zip((first, row), found, strict=True):
        made.pk = key
        made._state.adding, made._state.db = False, database.alias
    setattr(row, by, first.pk)


def insert_values(model: type[Model], names: tuple[str, ...], rows: Iterable[Row], over: tuple[str, ...] = ()) -> None:
    """INSERT rows that nobody needs as objects. `names`: their attributes, without a key that the database makes.
    `over`: where a row of the same key is, these columns of it are replaced."""
    database = connected()
    sql, fields = _insert_sql(model, database.vendor, names, over, False)
    for row in rows:
        sent(database, sql, _values(row, fields, database))


def update(row: Model, names: Sequence[str]) -> None:
    """UPDATE these columns of the row, by its key. `names` are those of attributes: `holder_id`."""
    database = connected()
    sql, fields = _update_sql(type(row), database.vendor, tuple(names))
    there = vars(row)
    sent(database, sql, _values([there[field.attname] for field in fields], fields, database))


@lru_cache(maxsize=64)
def _insert_sql(
    model: type[Model], vendor: str, names: tuple[str, ...], over: tuple[str, ...], key: bool
) -> tuple[str, Fields]:
    del vendor  # quoting is the database's
    quote, meta = _quoting(), model._meta
    fields = _named(model, names)
    columns = ", ".join(quote(field.column) for field in fields)
    sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"
    if over:
        replaced = [quote(field.column) for field in _named(model, over)]
        news = ", ".join(f"{column} = EXCLUDED.{column}" for column in replaced)
        sql += f" ON CONFLICT ({quote(meta.pk.column)}) DO UPDATE SET {news}"
    if key and meta.auto_field is not None:
        sql += f" RETURNING {quote(meta.auto_field.column)}"
    return sql, fields


@lru_cache(maxsize=64)
def _both_sql(first: type[Model], model: type[Model], vendor: str, by: str) -> tuple[str, Fields, Fields]:
    """What is given back: the key of the first, and that of the other."""
    quote, meta = _quoting(), model._meta
    sql, fields = _insert_sql(first, vendor, _own(first), (), True)
    names = _own(model)
    columns = ", ".join(quote(field.column) for field in _named(model, names))
    key = f"(SELECT {quote(first._meta.pk.column)} FROM first)"
    values = ", ".join(key if name == by else "%s" for name in names)
    [link] = _named(model, [by])
    told = f"{quote(link.column)}, {quote(meta.pk.column)}"
    both = f"WITH first AS ({sql}) INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({values}) RETURNING {told}"
    return both, fields, tuple(field for field in _named(model, names) if field is not link)


@lru_cache(maxsize=512)
def _update_sql(model: type[Model], vendor: str, names: tuple[str, ...]) -> tuple[str, Fields]:
    del vendor
    quote, meta = _quoting(), model._meta
    fields = _named(model, names)
    news = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(meta.db_table)} SET {news} WHERE {quote(meta.pk.column)} = %s", (*fields, meta.pk)


def _quoting() -> Callable[[str | None], str]:
    """A field that is in a table has a column, though its type may be none."""
    return lambda name: connected().ops.quote_name(str(name))


def _own(model: type[Model]) -> tuple[str, ...]:
    """Without the key that the database makes."""
    return tuple(field.attname for field in model._meta.concrete_fields if field is not model._meta.auto_field)


def _named(model: type[Model], names: Sequence[str]) -> Fields:
    of = {field.attname: field for field in model._meta.concrete_fields}
    return tuple(of[name] for name in names)


def _values(values: Sequence[Any], fields: Fields, database: BaseDatabaseWrapper) -> list[Any]:
    """PostgreSQL's driver takes everything as it is but JSON (the trace of a large shop has a thousand people, for
    which `json` takes twenty times as long as orjson); elsewhere each field says how."""
    if database.vendor == "postgresql":
        return [
            orjson.dumps(value).decode() if isinstance(field, JSONField) and value is not None else value
            for value, field in zip(values, fields, strict=True)
        ]
    return [field.get_db_prep_save(value, database) for value, field in zip(values, fields, strict=True)]
