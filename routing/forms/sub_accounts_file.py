"""The file of sub-accounts: its columns by their names, its lines as rows. Whether they can be, the service says."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.labels import ROLES, listed
from agents.permissions import Actor
from agents.services.sub_accounts_bulk import MOST, NewRow, Problem
from agents.vocabulary import Role
from core.tabular import CellFault, SheetRow
from routing.forms.sheets import fault_text, read_sheet

HEAD = ("账号", "显示名", "角色", "最大接待人数", "初始密码")
HEAD_ENGLISH = ("Account", "Display name", "Roles", "Cap", "Initial password")
COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("账号", "账号名", "子账号", "account", "accountname", "login"),
    "display_name": ("显示名", "显示名称", "昵称", "姓名", "displayname", "name"),
    "roles": ("角色", "role", "roles"),
    "max_concurrent": ("最大接待人数", "最大接待数", "接待上限", "上限", "cap", "maxconcurrent"),
    "password": ("初始密码", "密码", "password", "initialpassword", "firstpassword"),
}
NEEDED = ("account", "roles")
TEXTS = ("account", "display_name", "password")
"""Columns whose digits count one by one."""
ROLE_MARKS = "、,，;；|/\n"
FORMULA_MARKS = ("=", "+", "-", "@")
LASTS = 60 * 60
"""Seconds that a preview can be confirmed."""


@dataclass(frozen=True)
class Read:
    """What a file holds: rows that could be read, what could not, and columns that nobody knows."""

    rows: list[NewRow]
    problems: list[Problem]
    unknown: list[str]


def head_names() -> tuple[str, ...]:
    """The columns in the reader's language; either is read."""
    return HEAD_ENGLISH if (get_language() or "").startswith("en") else HEAD


def _plain(head: str) -> str:
    return head.strip().casefold().replace(" ", "").replace("_", "").strip("*＊")


def _role_names() -> dict[str, str]:
    """Every way to write a role: its code, and its name in both languages."""
    names = {role.value: role.value for role in Role}
    for language in ("zh-hans", "en"):
        with override(language):
            names |= {str(label).casefold(): role.value for role, label in ROLES.items()}
    return names


def read_sub_accounts(name: str, content: bytes) -> Read:
    """The file's rows. Raises Refused at `file` where it is no such file at all; else each line has its problems."""
    head, *lines = read_sheet(name, content)
    places, unknown = _columns(head)
    if not lines:
        raise Refused("no_rows", _("Below the head there is no line."), field="file")
    if len(lines) > MOST:
        raise Refused("too_many_rows", _("More than %(most)s rows. Split the file.") % {"most": MOST}, field="file")
    reader = _Reader(places, len(head.cells))
    return Read([reader.row(line) for line in lines], reader.problems, unknown)


def _columns(head: SheetRow) -> tuple[dict[str, int], list[str]]:
    known = {name: key for key, names in COLUMNS.items() for name in names}
    places: dict[str, int] = {}
    unknown = []
    for place, cell in enumerate(head.cells):
        key = known.get(_plain(cell))
        if key is None:
            unknown += [cell] if cell else []
        elif key in places:
            raise Refused("column_twice", _("The column “%(name)s” is there twice.") % {"name": cell}, field="file")
        else:
            places[key] = place
    names = dict(zip(COLUMNS, head_names(), strict=True))
    missing = [names[key] for key in NEEDED if key not in places]
    if missing:
        words = _("The first line must name the columns; missing: %(names)s.")
        raise Refused("missing_columns", words % {"names": listed(missing)}, field="file")
    return places, unknown


class _Reader:
    def __init__(self, places: dict[str, int], width: int) -> None:
        self.places, self.width, self.names = places, width, _role_names()
        self.problems: list[Problem] = []

    def row(self, line: SheetRow) -> NewRow:
        if any(line.cells[self.width :]):
            self._wrong(line, "", _("More cells than the first line has names: is a comma in one of them unquoted?"))
        for key, place in self.places.items():
            fault = line.faults.get(place)
            if fault is CellFault.FORMULA or (fault and key in TEXTS):
                self._wrong(line, key, fault_text(fault))
            elif key in ("account", "display_name") and self._cell(line, key).startswith(FORMULA_MARKS):
                self._wrong(line, key, _("Must not begin with = + - @: spreadsheets take that for a formula."))
        return NewRow(
            line=line.number,
            account=self._cell(line, "account"),
            display_name=self._cell(line, "display_name"),
            roles=self._roles(line),
            max_concurrent=self._cap(line),
            password=self._cell(line, "password"),
        )

    def _wrong(self, line: SheetRow, field: str, text: str) -> None:
        self.problems.append(Problem(line.number, field, text))

    def _cell(self, line: SheetRow, key: str) -> str:
        place = self.places.get(key, len(line.cells))
        return line.cells[place] if place < len(line.cells) else ""

    def _roles(self, line: SheetRow) -> tuple[str, ...]:
        cell = self._cell(line, "roles")
        for mark in ROLE_MARKS:
            cell = cell.replace(mark, "|")
        written = [part.strip() for part in cell.split("|") if part.strip()]
        return tuple(dict.fromkeys(self.names.get(part.casefold(), part) for part in written))

    def _cap(self, line: SheetRow) -> int | None:
        cell = self._cell(line, "max_concurrent")
        if not cell:
            return None
        try:
            return int(cell[:12])
        except ValueError:
            self._wrong(line, "max_concurrent", _("“%(value)s” is no whole number.") % {"value": cell[:20]})
            return None


def _salt(actor: Actor) -> str:
    who = actor.account.pk if actor.account else 0
    return f"sub-accounts of {actor.shop.pk} by {who}"


def sealed(actor: Actor, rows: Sequence[NewRow]) -> str:
    """The rows for the preview's form: signed, an hour long, this person's in this shop."""
    told = [
        [row.line, row.account, row.display_name, list(row.roles), row.max_concurrent, row.password, row.hashed]
        for row in rows
    ]
    return signing.dumps(told, salt=_salt(actor), compress=True)


def unsealed(actor: Actor, text: str) -> list[NewRow]:
    """What `sealed` made. Raises Refused at `file` where it is another's, changed or too old."""
    try:
        told = signing.loads(text, salt=_salt(actor), max_age=LASTS)
    except signing.BadSignature as error:
        raise Refused("preview_gone", _("The preview is too old. Choose the file again."), field="file") from error
    return [
        NewRow(line, account, name, tuple(roles), cap, password, hashed)
        for line, account, name, roles, cap, password, hashed in told
    ]
