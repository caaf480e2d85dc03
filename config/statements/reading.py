"""Queries that Django words once in a process."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet

from config.statements.sending import connected, sends_together, sent, together

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]

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
        database = connected()
        asked = self.worded(values, database)
        if asked is None:
            return []
        worded, flat = asked
        return worded.answer(worded.send(flat, database), database)

    def worded(self, values: Sequence[Value], database: BaseDatabaseWrapper) -> "tuple[_Worded, list[Any]] | None":
        """The statement for these values, and what is sent with it; None where nothing can be found."""
        shape: list[int] = []
        flat: list[Any] = []
        for value in values:
            if isinstance(value, int | str):
                if isinstance(value, int) and value.bit_length() > LARGEST:
                    return None
                shape.append(0)
                flat.append(value)
                continue
            if not value:
                return None
            size = 1 << (len(value) - 1).bit_length()
            shape.append(size)
            flat += [*value, *[value[-1]] * (size - len(value))]
        key = (database.vendor, *shape)
        worded = self._worded.get(key)
        if worded is None:
            worded = self._worded[key] = _Worded(self._make, shape, flat, database)
        return worded, flat


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
        self.read = Read(lambda *values: make(*values).values_list(*columns))

    def __call__(self, *values: Value) -> list[M]:
        return [self.made(row) for row in self.read(*values)]

    def first(self, *values: Value) -> M | None:
        rows = self.read(*values)
        return self.made(rows[0]) if rows else None

    def made(self, values: Row) -> M:
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


Question = tuple["Read | Rows[Any]", *tuple[Value, ...]]


class Ahead:
    """Questions that are asked together, before it is known whether all of their answers will be needed: on PostgreSQL
    all of them take as long as one.

        ahead = Ahead((locked, shop.pk), (named, shop.pk, name))
        row = ahead.first(named, shop.pk, name)

    They are answered in their order, so that what follows a lock is read after it. Each answer is handed out once; what
    was not asked ahead, or has been handed out, is asked then. Elsewhere everything is asked then.
    """

    def __init__(self, *questions: Question) -> None:
        self._found: dict[Any, list[Row]] = {}
        database = connected()
        if not questions or not sends_together(database):
            return
        keys = [(_reading(question[0]), *question[1:]) for question in questions]
        asked = [(key, *found) for key in keys if (found := key[0].worded(key[1:], database)) is not None]
        with together():
            cursors = [worded.send(flat, database, place) for place, (_, worded, flat) in enumerate(asked)]
        for (key, worded, _), cursor in zip(asked, cursors, strict=True):
            self._found[key] = worded.answer(cursor, database)

    def rows(self, read: Read, *values: Value) -> list[Row]:
        found = self._found.pop((read, *values), None)
        return read(*values) if found is None else found

    def all(self, rows: Rows[M], *values: Value) -> list[M]:
        return [rows.made(row) for row in self.rows(rows.read, *values)]

    def first(self, rows: Rows[M], *values: Value) -> M | None:
        found = self.rows(rows.read, *values)
        return rows.made(found[0]) if found else None


def _reading(asked: "Read | Rows[Any]") -> Read:
    return asked.read if isinstance(asked, Rows) else asked


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

    def send(self, flat: Sequence[Any], database: BaseDatabaseWrapper, place: int = 0) -> Any:
        values = [fixed if given < 0 else flat[given] for given, fixed in self.values]
        return sent(database, self.sql, values, place)

    def answer(self, cursor: Any, database: BaseDatabaseWrapper) -> list[Row]:
        found: list[Row] = cursor.fetchall()
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
