"""The groups of the settings page: their members with weights and shares, the order statuses and who covers them."""

from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.vocabulary import Platform
from routing.engine.vocabulary import ORDER_STATUSES, Mode
from routing.forms.draft import Draft
from routing.roster import shares_of_yesterday
from routing.views.settings_cards import Cell, GroupCard, Member
from routing.words import status_words


class Groups:
    """The part of the board that groups make up (PDD6, KS4, TB2)."""

    draft: Draft

    @cached_property
    def mode_on(self) -> bool:
        """Whether groups steer: always on Taobao, elsewhere by the switch."""
        return bool(self.draft.document.get("mode", Mode.GROUPED) != Mode.BASIC)

    @property
    def mode_published(self) -> bool:
        return bool(self.draft.version.document.get("mode", Mode.GROUPED) != Mode.BASIC)

    @property
    def mode_value(self) -> str:
        return Mode.ADVANCED if self.draft.platform == Platform.PINDUODUO else Mode.GROUPED

    @cached_property
    def holders(self) -> dict[str, list[str]]:
        """Names of the groups that bind each order status."""
        held: dict[str, list[str]] = {status: [] for status in ORDER_STATUSES}
        for group in self.draft.document["groups"]:
            for status in group["order_statuses"]:
                held[status].append(group["name"])
        return held

    @cached_property
    def groups(self) -> list[GroupCard]:
        return [self._group(i, group) for i, group in enumerate(self.draft.document["groups"])]

    def _group(self, index: int, group: dict[str, Any]) -> GroupCard:
        at, draft = f"groups[{index}]", self.draft
        members, statuses = group["members"], group["order_statuses"]
        whole = sum(member["weight"] for member in members)
        name = str(group["name"])
        return GroupCard(
            index=str(index),
            name=name,
            typed_name=draft.typed.get(f"{at}.name", name),
            members=[
                Member(
                    person=draft.people[member["account"]],
                    place=(place := f"{at}.members[{i}].weight"),
                    weight=draft.typed.get(place, str(member["weight"])),
                    share=f"{100 * member['weight'] / whole if whole else 0:.1f}%",
                    error=draft.errors.get(place, ""),
                )
                for i, member in enumerate(members)
            ],
            statuses=[(status, self.statuses[status]) for status in statuses],
            addable=[
                (status, words, ", ".join(self.holders[status]))
                for status, words in self.statuses.items()
                if status not in statuses
            ],
            error=draft.errors.get(at, "") or draft.errors.get(f"{at}.members", ""),
            name_error=draft.errors.get(f"{at}.name", ""),
        )

    @cached_property
    def words(self) -> dict[str, str]:
        """What every member's line says, looked up once."""
        return {"weight": _("Weight"), "can": _("can take it"), "cannot": _("not now")}

    @property
    def weighted(self) -> bool:
        """Whether weights steer (KS9: on Kuaishou they do not)."""
        return self.draft.platform != Platform.KUAISHOU

    @cached_property
    def statuses(self) -> dict[str, str]:
        """The order statuses as the platform calls them; every group's menu says them."""
        return {status: status_words(status, self.draft.platform) for status in ORDER_STATUSES}

    @cached_property
    def cover(self) -> list[Cell]:
        shares = shares_of_yesterday(self.draft.shop, timezone.now())
        return [
            Cell(status, words, self.holders[status], shares.get(status, 0) if shares else None)
            for status, words in self.statuses.items()
        ]

    @cached_property
    def unbound(self) -> list[Cell]:
        """KS7, and as true elsewhere: nobody's order statuses."""
        return [cell for cell in self.cover if not cell.groups] if self.draft.document["groups"] else []
