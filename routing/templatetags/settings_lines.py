"""Lines of which a settings page shows hundreds: put together here, a template takes several times as long."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString

from agents.vocabulary import Status
from routing.views.settings_board import Board
from routing.views.settings_cards import GroupCard, Member
from routing.words import Person

register = template.Library()

NOTHING = SafeString("")
CHIP = (
    '<span class="chip{}"><span class="dot dot-{}" aria-hidden="true"></span><span class="sr-only">{}</span>'
    '<span class="clip">{}</span><span class="load{}">{}</span></span>'
)
MEMBER = (
    '<div class="member"><span class="dot dot-{}" aria-hidden="true"></span>'
    '<span class="clip member-name" title="{}">{}</span><span class="member-load{}">{}</span>{}</div>\n'
)
WEIGHT = (
    '<label class="member-weight"><span class="hint">{}</span><input class="form-control" id="w-{}-{}"'
    ' inputmode="numeric" name="f:{}" value="{}" data-weight{}></label>'
    '<span class="track share-track {}" aria-hidden="true"><span data-share-bar style="width:{}"></span></span>'
    '<span class="member-share" data-share>{}</span>{}'
)
"""The bar follows the weight while it is typed (static/js/settings.js)."""
ERROR = '<span class="field-error member-error" role="alert">{}</span>'
ASIDE = '<span class="hint push">{}</span>'
BIND = '<button type="button" class="menu-item" hx-post="{}" hx-vals=\'{{"op": "bind|{}|{}"}}\'>{}{}</button>'
SCARCE, FULL, OFF = SafeString(" tone-warn"), SafeString(" is-full"), SafeString(" is-off")
INVALID, DISABLED = SafeString(' aria-invalid="true"'), SafeString(" disabled")
BRIGHT, PALE = SafeString("track-acc"), SafeString("track-pale")
"""Pale: cannot receive right now."""


def _filled(line: str, *values: str) -> SafeString:
    """Django's format_html for plain strings, without its look at each for lazy ones: half the time of a line."""
    return SafeString(line.format(*[v if isinstance(v, SafeString) else escape(v) for v in values]))


@register.filter
def chips(people: Iterable[Person]) -> SafeString:
    """Of agent_chips.html."""
    return SafeString("".join(_chip(person) for person in people))


def _chip(person: Person) -> SafeString:
    off = OFF if person.status == Status.OFFLINE else NOTHING
    marked = FULL if person.scarce else NOTHING
    return _filled(CHIP, off, person.status, person.status_word, person.label, marked, person.standing)


@register.filter
def member_lines(group: GroupCard, board: Board) -> SafeString:
    """A group's members, with their weight where weights steer."""
    line = _weight if board.weighted else _stands
    return SafeString(
        "".join(
            _filled(
                MEMBER,
                member.person.status,
                member.person.account,
                member.person.label,
                SCARCE if member.person.scarce else NOTHING,
                member.person.standing,
                line(member, group, board),
            )
            for member in group.members
        )
    )


def _weight(member: Member, group: GroupCard, board: Board) -> SafeString:
    return _filled(
        WEIGHT,
        board.words["weight"],
        group.index,
        member.person.account,
        member.place,
        member.weight,
        (INVALID if member.error else NOTHING) + (NOTHING if board.can["groups"] else DISABLED),
        BRIGHT if member.person.free else PALE,
        member.share,
        member.share,
        _filled(ERROR, member.error) if member.error else NOTHING,
    )


def _stands(member: Member, group: GroupCard, board: Board) -> SafeString:
    return _filled(ASIDE, board.words["can" if member.person.free else "cannot"])


@register.filter
def bind_items(group: GroupCard, board: Board) -> SafeString:
    """The order statuses that the group may take over, with the group that has each now."""
    return SafeString(
        "".join(
            _filled(BIND, board.draft_url, group.index, status, words, _filled(ASIDE, holder) if holder else NOTHING)
            for status, words, holder in group.addable
        )
    )
