"""Many sub-accounts at once, from a file: all of them or none.

Three steps, so that the shop's lane is held for a moment only: `problems_of` says what is wrong line by line (asked for
the preview, and again inside the lane), `hash_passwords` does the slow work outside of any transaction,
`add_sub_accounts` writes. A password is neither logged nor recorded, and no row of the database ever holds its text.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from django.contrib.auth.hashers import get_hasher, make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from agents.models import Account, Shop, SubAccount
from agents.permissions import Actor, may_edit_sub_account
from agents.services.audit import record
from agents.services.checks import refuse_invalid, refuse_weak_password
from agents.services.names import count_taken_names
from agents.services.sub_accounts import audited, check_cap, clean_roles
from agents.vocabulary import AuditAction
from core.hashing import Argon2, HashingBusy, RandomArgon2

MOST = 500
"""How many one file may bring."""

ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
RANDOM_LENGTH = 14
"""56 signs, none of them like another: 81 bits, which nobody guesses however fast the hash is."""


@dataclass(frozen=True)
class NewRow:
    """A line of the file, read. `password`: the text, empty where a random one is to be made. `hashed`: once it is."""

    line: int
    account: str
    display_name: str
    roles: tuple[str, ...]
    max_concurrent: int | None
    password: str = field(default="", repr=False)
    hashed: str = field(default="", repr=False)

    def with_hash(self, hashed: str) -> "NewRow":
        return replace(self, password="", hashed=hashed)


@dataclass(frozen=True)
class Problem:
    """Why a line cannot be. `field` as in `NewRow`, empty for the line as a whole."""

    line: int
    field: str
    text: str


class RowsRefused(Refused):
    """Lines that cannot be; nothing has been made."""

    status = 409

    def __init__(self, problems: Sequence[Problem]) -> None:
        words = _("%(count)s lines cannot be added. Nothing has been changed.")
        super().__init__("rows_refused", words % {"count": len({problem.line for problem in problems})})
        self.problems = list(problems)


def problems_of(*, actor: Actor, rows: Sequence[NewRow]) -> list[Problem]:
    """Find the faults of the rows, in the file's order; three queries whatever their number.

    Raises TooMany once the shop has learnt of too many names that are other shops'.
    """
    names = [row.account for row in rows]
    taken = set(Account.objects.filter(account__in=names).values_list("account", flat=True))
    here = SubAccount.objects.for_shop(actor.shop).filter(name__in=names, account__isnull=False)
    mine = set(here.values_list("name", flat=True))
    count_taken_names(actor.shop, len(taken - mine))
    first: dict[str, int] = {}
    found: list[Problem] = []
    for row in rows:
        found += _wrong_in(actor, row)
        if row.account in first:
            words = _("Account “%(account)s” is in line %(line)s already.")
            found.append(Problem(row.line, "account", words % {"account": row.account, "line": first[row.account]}))
        elif row.account in mine:
            words = _("“%(account)s” is in this shop already.") % {"account": row.account}
            found.append(Problem(row.line, "account", words))
        elif row.account in taken:
            words = _("The account name “%(account)s” is taken.") % {"account": row.account}
            found.append(Problem(row.line, "account", words))
        if row.account:
            first.setdefault(row.account, row.line)
    return found


def _wrong_in(actor: Actor, row: NewRow) -> list[Problem]:
    """What is wrong with one row by itself; of each field the first objection."""
    login = Account(account=row.account, display_name=row.display_name)
    found = []
    checks: list[Callable[[], object]] = [
        lambda: refuse_invalid(login, exclude={"password"}),
        lambda: clean_roles(row.roles),
        lambda: check_cap(actor.shop, row.max_concurrent),
    ]
    if row.password:
        checks.append(lambda: refuse_weak_password(login, row.password))
    for check in checks:
        refused = _refusal(check)
        if refused is not None:
            found.append(Problem(row.line, refused.field, str(refused.message)))
    if not may_edit_sub_account(actor, row.roles):
        found.append(Problem(row.line, "roles", _("Only a main account makes main accounts.")))
    return found


def _refusal(check: Callable[[], object]) -> Refused | None:
    try:
        check()
    except Refused as refused:
        return refused
    return None


def random_password() -> str:
    return "".join(secrets.choice(ALPHABET) for _n in range(RANDOM_LENGTH))


def hash_random(password: str) -> str:
    """The hash of a password that `random_password` made: with a fraction of the usual work, which is done at its
    first sign-in."""
    if isinstance(get_hasher("default"), Argon2):
        hasher = RandomArgon2()
        return hasher.encode(password, hasher.salt())
    return make_password(password)


def hash_given(rows: Sequence[NewRow], *, seconds: float) -> tuple[list[NewRow], int]:
    """The rows with their given passwords hashed and the texts gone, and how many are left after so many seconds of it,
    or because others hash at this moment.

    500 hashes are more than a request can wait for. The same text is hashed once: one password for everybody loses
    nothing by that.
    """
    until = monotonic() + seconds
    known: dict[str, str] = {}
    done = []
    left = 0
    for row in rows:
        if not row.password or row.hashed:
            done.append(row)
            continue
        if row.password not in known and monotonic() < until:
            try:
                known[row.password] = make_password(row.password)
            except HashingBusy:
                until = 0
        if row.password in known:
            done.append(row.with_hash(known[row.password]))
        else:
            left += 1
            done.append(row)
    return done, left


@transaction.atomic
def add_sub_accounts(*, actor: Actor, rows: Sequence[NewRow]) -> list[SubAccount]:
    """Make all of them, in the shop's lane. The rows are hashed. Raises RowsRefused; then none is made."""
    if not rows or len(rows) > MOST:
        raise Refused("too_many", _("At most %(most)s accounts at once.") % {"most": MOST}, field="file")
    problems = problems_of(actor=actor, rows=rows)
    if problems:
        raise RowsRefused(problems)
    logins = _logins(actor.shop, rows)
    left = SubAccount.objects.for_shop(actor.shop).filter(name__in=[row.account for row in rows])
    places = {sub.name: sub for sub in left}
    made = []
    for row, login in zip(rows, logins, strict=True):
        sub = places.get(row.account) or SubAccount(shop=actor.shop, name=row.account)
        sub.account, sub.roles, sub.max_concurrent = login, clean_roles(row.roles), row.max_concurrent
        sub.enabled = True
        made.append(sub)
    SubAccount.objects.bulk_create([sub for sub in made if sub.pk is None])
    SubAccount.objects.bulk_update(
        [sub for sub in made if sub.name in places], ["account", "roles", "max_concurrent", "enabled"]
    )
    for sub in made:
        record(shop=actor.shop, action=AuditAction.SUB_ACCOUNT_ADDED, subject=sub.name, after=audited(sub))
    return made


def _logins(shop: Shop, rows: Iterable[NewRow]) -> list[Account]:
    logins = [
        Account(
            account=row.account,
            display_name=row.display_name,
            home_shop=shop,
            password=row.hashed,
            must_change_password=True,
        )
        for row in rows
    ]
    try:
        with transaction.atomic():
            return Account.objects.bulk_create(logins)
    except IntegrityError as error:  # another shop took one of the names at this very moment
        words = _("One of the account names has just been taken. Check the file once more.")
        raise Conflict("account_taken", words) from error
