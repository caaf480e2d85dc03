"""Automatic answers 自动回复 (S2): four tabs, each with its preview and whether it counts for the reply rates (M13).

Here and not lower because what counts is metrics' to say.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission, may
from agents.views.access import shop_page
from conversations import robots
from conversations.answering import Answers, Part, asks_for_human
from conversations.forms.answers import AnswersForm, posted_form, stored_form
from conversations.labels import ANSWER_PARTS, ROBOT_WHEN, RULE_KINDS
from conversations.models import AnswerPart
from conversations.robots.plain import PlainRobot
from conversations.selectors import PartState, answers_of, part_rows, states_of
from conversations.services.answers import LONGEST_ANSWER, MOST_ITEMS, MOST_MISSES, StaleAnswers, save_answers
from core.http.parameters import MAX_BODY_TEXT, posted, query
from metrics.telling_answers import counting_of, sentence_of
from routing.views.refusals import refusal

PLAIN = f"{PlainRobot.__module__}.{PlainRobot.__qualname__}"


@dataclass(frozen=True, slots=True)
class Tab:
    part: Part
    label: str
    href: str
    active: bool
    count: str


@require_GET
@shop_page(Permission.ANSWERS_SEE)
def answers(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """One of the four, `?tab=`."""
    tab = query(request).text("tab")
    part = Part(tab) if tab in set(Part) else Part.GREETING
    found, rows = answers_of(shop), part_rows(shop)
    context = page_context(actor, found, rows, stored_form(part, found, rows))
    return render(request, "conversations/answers/page.html", context)


@require_POST
@shop_page(Permission.ANSWERS_EDIT)
def answers_save(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Put one of them in force. With something wrong, or overtaken, it comes back as it was typed (422)."""
    part = posted(request).text("part")
    if part not in set(Part):
        return refusal(Refused("malformed", _("The request could not be read."), field="part"))
    form = posted_form(Part(part), request.POST)
    overtaken: AnswerPart | None = None
    if form.problems:
        return editor(request, actor, form, status=422)
    try:
        save_answers(shop=shop, part=form.part, content=form.content, seen=form.token, by=actor.account)
    except StaleAnswers as stale:
        overtaken = stale.row
        # Saving once more is then what the reader has been told it is: over the other's.
        form.token = stale.row.token
    except Refused as refused:
        form.problems[refused.field] = str(refused.message)
    if overtaken or form.problems:
        return editor(request, actor, form, status=422, overtaken=overtaken)
    response = editor(request, actor, None, part=form.part)
    said = _("Saved: %(part)s. It holds from the next message on.") % {"part": ANSWER_PARTS[form.part]}
    response["HX-Trigger"] = json.dumps({"toast": {"text": said, "tone": "success"}})
    return response


@require_POST
@shop_page(Permission.ANSWERS_SEE)
def answers_try(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """What the robot would say to this, by the rules as they stand in the form; who may not change them tries those in
    force. Nothing is kept."""
    if may(actor, Permission.ANSWERS_EDIT):
        form = posted_form(Part.ROBOT, request.POST)
    else:
        form = stored_form(Part.ROBOT, answers_of(shop), part_rows(shop))
    say = posted(request).text("say", most=MAX_BODY_TEXT).strip()[:LONGEST_ANSWER]
    if not say:
        return HttpResponse(status=204)
    context: dict[str, Any] = {"say": say, "unknown": form.content.text, "misses": form.content.misses}
    if asks_for_human(form.content, say):
        return render(request, "conversations/answers/_tried.html", context | {"human": True})
    question = robots.Question(shop.slug, "", "", say, rules=form.content.items)
    try:
        reply = robots.ask(question)
    except robots.RobotFailed:
        return render(request, "conversations/answers/_tried.html", context | {"failed": True})
    rule = None
    if reply is not None and reply.matched.isdigit() and 0 < int(reply.matched) <= len(form.content.items):
        rule = form.content.items[int(reply.matched) - 1]
    return render(request, "conversations/answers/_tried.html", context | {"reply": reply, "rule": rule})


def editor(
    request: HttpRequest,
    actor: Actor,
    form: AnswersForm | None,
    *,
    part: Part = Part.GREETING,
    status: int = 200,
    overtaken: AnswerPart | None = None,
) -> HttpResponse:
    """The page below its shell: with `form` as it was posted, or `part` as it is in force."""
    found, rows = answers_of(actor.shop), part_rows(actor.shop)
    form = form or stored_form(part, found, rows)
    context = page_context(actor, found, rows, form) | {"overtaken": overtaken, "theirs": found[form.part]}
    return render(request, "conversations/answers/_editor.html", context, status=status)


def page_context(actor: Actor, found: Answers, rows: dict[Part, AnswerPart], form: AnswersForm) -> dict[str, Any]:
    shop, states = actor.shop, {state.part: state for state in states_of(found)}
    greeting = found.greeting
    hot = found[Part.HOT_QUESTIONS]
    return {
        "shop": shop,
        "form": form,
        "part": form.part,
        "label": ANSWER_PARTS[form.part],
        "saved": rows.get(form.part),
        "sentence": sentence_of(list(states.values())),
        "tabs": [_tab(shop, states[part], form.part) for part in Part],
        "editable": may(actor, Permission.ANSWERS_EDIT),
        "counting": counting_of(shop, form.part),
        "most": MOST_ITEMS.get(form.part, 0),
        "most_misses": MOST_MISSES,
        "whens": [(key.value, label) for key, label in ROBOT_WHEN.items()],
        "kinds": [(key.value, label) for key, label in RULE_KINDS.items()],
        "other_robot": "" if settings.ROBOT == PLAIN else settings.ROBOT,
        "in_force": {
            "greeting": greeting.text if greeting else "",
            "hot": [item.ask for item in hot.items] if hot.on else [],
        },
    }


def _tab(shop: Shop, state: PartState, active: Part) -> Tab:
    href = f"{reverse('answers', args=[shop.slug])}?tab={state.part}"
    count = str(state.count) if state.on and state.count else _("on") if state.on else _("off")
    return Tab(state.part, str(ANSWER_PARTS[state.part]), href, state.part == active, count)
