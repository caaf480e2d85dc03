"""Texts that agents keep at hand: their own, and the shop's for all of them."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agents.errors import Forbidden, Refused
from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.services import record_changes
from agents.vocabulary import AuditAction
from conversations.models import QuickAnswer

MOST = 100
"""Of one person, and of a shop."""


def may_edit(actor: Actor, owner: SubAccount | None) -> bool:
    """One's own are one's own alone; the shop's belong to who edits its automatic answers."""
    if owner is None:
        return actor.may(Permission.ANSWERS_EDIT)
    return actor.sub_account is not None and actor.sub_account.pk == owner.pk


def save_quick_answer(*, actor: Actor, title: str, text: str, for_shop: bool, pk: int | None = None) -> QuickAnswer:
    """Make one, or change the one with this key. Whose it is does not change.

    Raises Forbidden; Refused `unknown_quick_answer`, `title_taken` (field `title`), `too_many`.
    """
    row = (
        QuickAnswer(shop=actor.shop, owner=None if for_shop else actor.sub_account) if pk is None else _found(actor, pk)
    )
    _check(actor, row)
    same = QuickAnswer.objects.filter(shop=actor.shop, owner=row.owner)
    if pk is None and same.count() >= MOST:
        raise Refused(
            "too_many", _("More than %(most)s quick answers nobody finds again.") % {"most": MOST}, status=422
        )
    before = {} if pk is None else {"text": row.text}
    row.title, row.text = title, text
    try:
        with transaction.atomic():
            row.save()
            _record(row, before, {"text": text})
    except IntegrityError:
        message = _("There is one with this short name already.")
        raise Refused("title_taken", message, field="title", status=422) from None
    return row


@transaction.atomic
def remove_quick_answer(*, actor: Actor, pk: int) -> None:
    """Raises Forbidden, Refused `unknown_quick_answer`."""
    row = _found(actor, pk)
    _check(actor, row)
    row.delete()
    _record(row, {"text": row.text}, {"text": ""})


def quick_answers(shop: Shop, me: SubAccount | None) -> list[QuickAnswer]:
    """One's own, then the shop's."""
    rows = QuickAnswer.objects.filter(shop=shop).select_related("owner").order_by("pk")
    own = [] if me is None else [row for row in rows if row.owner_id == me.pk]
    return own + [row for row in rows if row.owner_id is None]


def _found(actor: Actor, pk: int) -> QuickAnswer:
    row = QuickAnswer.objects.filter(shop=actor.shop, pk=pk).select_related("owner").first()
    if row is None:
        raise Refused("unknown_quick_answer", _("This quick answer is no longer there."), status=404)
    return row


def _check(actor: Actor, row: QuickAnswer) -> None:
    if not may_edit(actor, row.owner):
        raise Forbidden("forbidden", _("This quick answer is not yours to change."))


def _record(row: QuickAnswer, before: dict[str, str], after: dict[str, str]) -> None:
    """What all of the shop use is in the audit log; what is somebody's own concerns nobody else."""
    if row.owner_id is None:
        record_changes(shop=row.shop, action=AuditAction.ANSWERS_CHANGED, subject=row.title, before=before, after=after)
