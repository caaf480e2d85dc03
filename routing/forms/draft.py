"""The settings page's form: a routing document on its way to be published, kept in the page and posted whole."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Shop
from agents.vocabulary import Platform
from core.json_text import parse_json
from routing.engine.advice import advise
from routing.engine.checking import Malformed
from routing.engine.difference import Change, difference
from routing.engine.document import Document, read_document
from routing.forms import edits
from routing.forms.fields import lay_over, typed_in
from routing.forms.merging import merge
from routing.models import RoutingVersion
from routing.roster import labels_of, people_of
from routing.selectors import current_version, versions
from routing.words import AdviceLine, Person, advice_lines, change_sentences, problem_words


@dataclass
class Draft:
    """`document` is always whole and passes the checks; what was typed and does not is in `typed` and `errors`."""

    shop: Shop
    version: RoutingVersion
    """In force now: what `changes` are counted from."""
    document: Document
    people: Mapping[str, Person]
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """By place, as the engine names it."""
    overtaken_by: list[RoutingVersion] = field(default_factory=list)
    """Versions that others published since the page was opened; the draft stands on top of them."""
    untouched: bool = True
    """Whether nothing was unpublished before the button of this request."""
    _changed: tuple[Document, list[Change]] | None = None

    @property
    def platform(self) -> Platform:
        return Platform(self.shop.platform)

    @property
    def changes(self) -> list[Change]:
        """From what is in force to the draft; worked out once per document, a page asks for it many times."""
        if self._changed is None or self._changed[0] is not self.document:
            self._changed = self.document, difference(self.version.document, self.document)
        return self._changed[1]

    @property
    def sentences(self) -> list[str]:
        return change_sentences(self.changes, self.platform, self.labels)

    @cached_property
    def labels(self) -> dict[str, str]:
        return labels_of(self.people.values())

    def advice(self, document: Document) -> list[AdviceLine]:
        """What to look at in a document of this shop, in words."""
        return advice_lines(advise(document, self.platform, self.people), self.platform, self.labels)

    @property
    def overtakers(self) -> list[tuple[RoutingVersion, list[str]]]:
        """What the others published, in words."""
        return [(row, change_sentences(row.changes, self.platform, self.labels)) for row in self.overtaken_by]

    @property
    def as_json(self) -> str:
        return json.dumps(self.document, ensure_ascii=False)

    @property
    def ready(self) -> bool:
        """Whether it may be published as it stands."""
        return not self.errors and not self.overtaken_by

    def object_to(self, refused: Refused) -> None:
        """Show a refusal at its place."""
        self.errors[refused.field or "form"] = str(refused.message)

    def edit(self, post: QueryDict) -> None:
        """Do what the pressed button says. A refusal stands at its place and changes nothing."""
        name, *operands = post.get("op", "").split("|")
        tried = deepcopy(self.document)
        try:
            self._edit(tried, name, operands, post)
            self.document = read_document(tried, self.platform, self.people)
        except Refused as refused:
            self.object_to(refused)
        except Malformed as error:
            self.errors[error.path] = problem_words(error.problem)

    def _edit(self, document: Document, name: str, operands: list[str], post: QueryDict) -> None:
        if name == "pick":
            edits.pick(document, self.platform, post.get("target", ""), post.getlist("agents"))
        elif name == "group_add":
            edits.add_group(document, self.platform, post.get("new_group", ""))
        elif name == "question_add" and len(operands) == 1:
            edits.add_question(document, self.platform, operands[0], post.get(f"new_question_{operands[0]}", ""))
        elif name in edits.EDITS and len(operands) == edits.EDITS[name][1]:
            edits.EDITS[name][0](document, self.platform, *operands)
        elif name:
            raise edits.unknown_place()
        if name in ("pick", "group_delete", "question_delete"):
            self.typed = {}  # places are counted, and the counting has changed


def fresh_draft(shop: Shop) -> Draft:
    """What is in force, nothing changed."""
    version = current_version(shop)
    return Draft(shop, version, version.document, people_of(shop))


def posted_draft(shop: Shop, post: QueryDict) -> Draft:
    """The form as it was posted: `document`, the `version` it started from, the typed fields, the pressed button.

    What the button does is done to what its presser saw. If others have published since, the draft is put on top of
    theirs and says so. Raises Refused `malformed` for what no page of ours sends.
    """
    draft = fresh_draft(shop)
    started = post.get("version", "")
    base = _started_from(draft, started)
    typed = typed_in({name: post.getlist(name)[-1] for name in post})
    mine, draft.errors = lay_over(_document(post, draft), typed, draft.platform, draft.people)
    draft.typed = typed if draft.errors else {}
    draft.untouched = mine == base.document and not draft.errors
    draft.document = mine
    draft.edit(post)
    if base.number != draft.version.number:
        draft.overtaken_by = list(versions(shop).filter(number__gt=base.number))
        draft.document = _on_top(draft, base.document, draft.document)
    return draft


def _started_from(draft: Draft, started: str) -> RoutingVersion:
    if started == str(draft.version.number):
        return draft.version
    found = versions(draft.shop).filter(number=int(started)).first() if started.isdecimal() else None
    if found is None:
        raise Refused("malformed", _("The version is a whole number."), field="version")
    return found


def _document(post: QueryDict, draft: Draft) -> Document:
    try:
        return read_document(parse_json(post.get("document", "")), draft.platform, draft.people)
    except Malformed as error:
        raise Refused("malformed", str(error), field=error.path or "document") from None
    except ValueError:
        raise Refused("malformed", _("The request could not be read."), field="document") from None


def _on_top(draft: Draft, base: Document, mine: Document) -> Document:
    """My changes over theirs; a key in which the two do not go together stays as I have it, or else as they have it."""
    theirs: Document = draft.version.document
    merged = merge(base, mine, theirs)
    for way in (merged, merged | {key: mine[key] for key in mine if mine[key] != base.get(key)}):
        try:
            return read_document(way, draft.platform, draft.people)
        except Malformed:
            continue
    return mine
