"""The settings' tables, written from a routing document: what Django's admin and SQL users see."""

from collections.abc import Sequence

from django.db import models

from agents.models import Shop, SubAccount
from routing.engine.document import Document
from routing.models import (
    EntryAgent,
    EntryQuestion,
    EntryRule,
    Group,
    GroupMember,
    GroupOrderStatus,
    NeverRouteMember,
    OfflineListMember,
    PageAgent,
    RoutingSettings,
)

REWRITTEN: tuple[type[models.Model], ...] = (
    PageAgent,
    EntryAgent,
    EntryQuestion,
    EntryRule,
    GroupOrderStatus,
    GroupMember,
    Group,
    OfflineListMember,
    NeverRouteMember,
)
"""In the order in which rows can go."""


def write_tables(*, shop: Shop, document: Document) -> None:
    """Replace the shop's rows by those of a whole document. Inside the lane's transaction."""
    pk_of = dict(SubAccount.objects.for_shop(shop).values_list("name", "pk"))
    for model in REWRITTEN:
        model._default_manager.filter(shop=shop).delete()
    _write_single_values(shop, document)
    PageAgent.objects.bulk_create(
        PageAgent(shop=shop, page=page, sub_account_id=pk_of[name], position=i)
        for page, names in document.get("pages", {}).items()
        for i, name in enumerate(names)
    )
    _write_entries(shop, document, pk_of)
    _write_groups(shop, document, pk_of)
    _write_list(OfflineListMember, shop, document["offline"]["agents"], pk_of)
    _write_list(NeverRouteMember, shop, document["never_route"], pk_of)


def _write_single_values(shop: Shop, document: Document) -> None:
    recent, queue, silence = document["recent_contact"], document["queue"], document["silence"]
    RoutingSettings.objects.update_or_create(
        shop=shop,
        defaults={
            "mode": document.get("mode", "basic"),
            "allocation": document.get("allocation", "least_saturated"),
            "recent_contact_enabled": recent["enabled"],
            "recent_contact_within_hours": recent["within_hours"],
            "recent_contact_respect_max_concurrent": recent["respect_max_concurrent"],
            "offline_enabled": document["offline"]["enabled"],
            "show_count_below": queue["show_count_below"],
            "notice": queue["notice"],
            "busy_notice": queue["busy_notice"],
            "overflow": queue.get("overflow", False),
            "busy_threshold": document.get("busy_threshold", 4),
            "auto_close_minutes": document["auto_close_minutes"],
            "silence_enabled": silence["enabled"],
            "silence_after_seconds": silence["after_seconds"],
            "silence_times": silence["times"],
        },
    )


def _write_entries(shop: Shop, document: Document, pk_of: dict[str, int]) -> None:
    for entry, content in document.get("entries", {}).items():
        rule = EntryRule.objects.create(shop=shop, entry=entry, assign=content["assign"])
        _write_entry_agents(shop, rule, None, content.get("agents", []), pk_of)
        for i, (text, names) in enumerate(content.get("questions", {}).items()):
            question = EntryQuestion.objects.create(shop=shop, rule=rule, question=text, position=i)
            _write_entry_agents(shop, rule, question, names, pk_of)


def _write_entry_agents(
    shop: Shop, rule: EntryRule, question: EntryQuestion | None, names: Sequence[str], pk_of: dict[str, int]
) -> None:
    EntryAgent.objects.bulk_create(
        EntryAgent(shop=shop, rule=rule, question=question, sub_account_id=pk_of[name], position=i)
        for i, name in enumerate(names)
    )


def _write_groups(shop: Shop, document: Document, pk_of: dict[str, int]) -> None:
    for i, content in enumerate(document.get("groups", [])):
        group = Group.objects.create(shop=shop, name=content["name"], position=i)
        GroupMember.objects.bulk_create(
            GroupMember(
                shop=shop, group=group, sub_account_id=pk_of[member["account"]], weight=member["weight"], position=j
            )
            for j, member in enumerate(content["members"])
        )
        GroupOrderStatus.objects.bulk_create(
            GroupOrderStatus(shop=shop, group=group, order_status=status, position=j)
            for j, status in enumerate(content["order_statuses"])
        )


def _write_list(
    model: type[OfflineListMember | NeverRouteMember], shop: Shop, names: Sequence[str], pk_of: dict[str, int]
) -> None:
    for i, name in enumerate(names):
        model(shop=shop, sub_account_id=pk_of[name], position=i).save(force_insert=True)
