"""Statements that Django words once in a process and that are sent many times: for the few that everything waits for.

Wording a query takes Django several times as long as PostgreSQL takes to answer it; here only the values are new. The
SQL is still made from the models, so that both databases and a renamed column are Django's business. On PostgreSQL the
server keeps their plans (DATABASE_PREPARE).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Generic, TypeVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, JSONField, Model, QuerySet

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]
Fields = tuple["Field[Any, Any]", ...]

INTEGER_MARK = 7_318_000_000_000_000_000
"""Numbers and words that stand for the values while Django words the query; nobody else writes them."""
TEXT_MARK = "\N{SYMBOL FOR SUBSTITUTE FORM TWO}"
LARGEST = 63
"""Bits of a whole number."""

Value = int | str | Sequence[int]


class Read:
    """A query of `values_list`, made by `make` from values that are whole numbers, texts, or lists of whole numbers.

        find = Read(lambda shop, keys: Row.objects.filter(shop=shop, pk__in=keys).values_list("pk", "state"))
        rows = find(shop.pk, [1, 2])

    With an empty list, or a number larger than a database keeps, there is nothing to be found. A list is filled up to
    the next power of two by its last number, so that there are few wordings.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._make = make
        self._worded: dict[tuple[Any, ...], _Worded] = {}

    def __call__(self, *values: Value) -> list[Row]:
        database = _database()
        shape: list[int] = []
        flat: list[Any] = []
        for value in values:
            if isinstance(value, int | str):
                if isinstance(value, int) and value.bit_length() > LARGEST:
                    return []
                shape.append(0)
                flat.append(value)
                continue
            if not value:
                return []
            size = 1 << (len(value) - 1).bit_length()
            shape.append(size)
            flat += [*value, *[value[-1]] * (size - len(value))]
        key = (database.vendor, *shape)
        worded = self._worded.get(key)
        if worded is None:
            worded = self._worded[key] = _Worded(self._make, shape, flat, database)
        return worded.rows(flat, database)


class Rows(Generic[M]):
    """The same for whole rows, with those they refer to along the paths `related`, a longer one after its beginning.
    `without`: columns of the row itself that are not read."""

    def __init__(
        self,
        model: type[M],
        make: Callable[..., QuerySet[M, M]],
        *related: str,
        without: Sequence[str] = (),
    ) -> None:
        self.model = model
        parts = [_Part("", model, without), *(_Part(path, _at(model, path), ()) for path in related)]
        self._parts = parts
        columns = [column for part in parts for column in part.columns]
        self._read = Read(lambda *values: make(*values).values_list(*columns))

    def __call__(self, *values: Value) -> list[M]:
        return [self._row(row) for row in self._read(*values)]

    def first(self, *values: Value) -> M | None:
        rows = self._read(*values)
        return self._row(rows[0]) if rows else None

    def _row(self, values: Row) -> M:
        made: dict[str, Any] = {}
        start = 0
        for part in self._parts:
            own = values[start : start + len(part.names)]
            start += len(part.names)
            row = None if own[part.key] is None else part.model.from_db(DEFAULT_DB_ALIAS, part.names, own)
            made[part.path] = row
            if part.path:
                owner = made[part.owner]
                if owner is not None:
                    setattr(owner, part.name, row)
        found: M = made[""]
        return found


class _Part:
    def __init__(self, path: str, model: type[Model], without: Sequence[str]) -> None:
        self.path, self.model = path, model
        self.owner, _, self.name = path.rpartition("__")
        self.names = [field.attname for field in model._meta.concrete_fields if field.name not in without]
        self.key = self.names.index(model._meta.pk.attname)
        self.columns = [f"{path}__{name}" if path else name for name in self.names]


def _at(model: type[Model], path: str) -> type[Model]:
    for name in path.split("__"):
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type)
        model = related
    return model


class _Worded:
    def __init__(
        self,
        make: Callable[..., QuerySet[Any, Any]],
        shape: Sequence[int],
        flat: Sequence[int | str],
        database: BaseDatabaseWrapper,
    ) -> None:
        marks = [_mark(place, value) for place, value in enumerate(flat)]
        left = iter(marks)
        arguments = [[next(left) for _ in range(size)] if size else next(left) for size in shape]
        compiler = make(*arguments).query.get_compiler(connection=database)
        self.sql, given = compiler.as_sql()
        self.values: list[tuple[int, Any]] = [
            (marks.index(value), None) if value in marks else (-1, value) for value in given
        ]
        missing = set(range(len(flat))) - {place for place, _ in self.values}
        if missing:
            raise TypeError(f"value {min(missing)} does not stand in the query as it is given")
        told = [expression for expression, _, _ in compiler.select[: compiler.col_count]]
        self.converters = [
            (place, made, expression) for place, (made, expression) in compiler.get_converters(told).items()
        ]

    def rows(self, flat: Sequence[int | str], database: BaseDatabaseWrapper) -> list[Row]:
        values = [fixed if place < 0 else flat[place] for place, fixed in self.values]
        found: list[Row] = _sent(database, self.sql, values).fetchall()
        if not self.converters:
            return found
        return [self._converted(row, database) for row in found]

    def _converted(self, row: Row, database: BaseDatabaseWrapper) -> Row:
        values = list(row)
        for place, converters, expression in self.converters:
            for convert in converters:
                values[place] = convert(values[place], expression, database)
        return tuple(values)


def _mark(place: int, value: int | str) -> int | str:
    return INTEGER_MARK + place if isinstance(value, int) else f"{TEXT_MARK}{place}"


def insert(row: Model) -> None:
    """INSERT, and the key that the database makes onto the row."""
    database = _database()
    names = tuple(field.attname for field in row._meta.concrete_fields if field is not row._meta.auto_field)
    sql, fields = _insert_sql(type(row), database.vendor, names, (), True)
    there = vars(row)
    cursor = _sent(database, sql, _values([there[name] for name in names], fields, database))
    if row._meta.auto_field is not None:
        setattr(row, row._meta.auto_field.attname, cursor.fetchone()[0])
    row._state.adding, row._state.db = False, database.alias


def insert_values(model: type[Model], names: tuple[str, ...], rows: Iterable[Row], over: tuple[str, ...] = ()) -> None:
    """INSERT rows that nobody needs as objects. `names`: their attributes, without a key that the database makes.
    `over`: where a row of the same key is, these columns of it are replaced."""
    database = _database()
    sql, fields = _insert_sql(model, database.vendor, names, over, False)
    for row in rows:
        _sent(database, sql, _values(row, fields, database))


def update(row: Model, names: Sequence[str]) -> None:
    """UPDATE these columns of the row, by its key. `names` are those of attributes: `holder_id`."""
    database = _database()
    sql, fields = _update_sql(type(row), database.vendor, tuple(names))
    there = vars(row)
    _sent(database, sql, _values([there[field.attname] for field in fields], fields, database))


@contextmanager
def together() -> Iterator[None]:
    """Statements of which nobody waits for an answer: on PostgreSQL they are sent one after the other, and waited for
    at the end."""
    database = _database()
    if not hasattr(database, "keeping_cursor"):
        yield
        return
    with database.wrap_database_errors, database.connection.pipeline():
        yield


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


@lru_cache(maxsize=512)
def _update_sql(model: type[Model], vendor: str, names: tuple[str, ...]) -> tuple[str, Fields]:
    del vendor
    quote, meta = _quoting(), model._meta
    fields = _named(model, names)
    news = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(meta.db_table)} SET {news} WHERE {quote(meta.pk.column)} = %s", (*fields, meta.pk)


def _quoting() -> Callable[[str | None], str]:
    """A field that is in a table has a column, though its type may be none."""
    return lambda name: _database().ops.quote_name(str(name))


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


def _database() -> BaseDatabaseWrapper:
    """The connection itself: `django.db.connection` looks for it anew at every attribute."""
    return connections[DEFAULT_DB_ALIAS]


def _sent(database: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> Any:
    """The cursor, with the statement sent: one whose statements the server keeps, where the backend has them
    (config.postgresql)."""
    database.validate_no_broken_transaction()
    cursor = getattr(database, "keeping_cursor", database.cursor)()
    with database.wrap_database_errors:
        cursor.execute(sql, values)
    return cursor
