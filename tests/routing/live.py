"""Drives a scenario through the live services, with its clock and seed (CONTRACT section 3)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from agents.errors import Refused
from agents.models import Account, Shop, SubAccount
from conversations.states import ClosedBy
from routing import services
from routing.engine import events
from routing.models import Decision, Lane, RoutingVersion
from routing.services.tables import write_tables
from routing.simulator.scenario import Scenario


class LiveRun:
    """One shop made from a scenario, its events through `routing.services`, and what came of it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.shop = Shop.objects.create(
            slug=f"parity-{uuid4().hex}",
            name=scenario.name[:100],
            platform=scenario.platform,
            timezone=scenario.zone.key,
            seed=scenario.seed,
        )
        logins = Account.objects.bulk_create(Account(account=f"{uuid4().hex}") for _ in scenario.agents)
        SubAccount.objects.bulk_create(
            SubAccount(
                shop=self.shop,
                name=agent.name,
                account=login,
                roles=sorted(agent.roles),
                max_concurrent=agent.max_concurrent,
                mobile_app=agent.mobile_app,
                enabled=agent.enabled,
            )
            for agent, login in zip(scenario.agents, logins, strict=True)
        )
        # The last main account cannot be disabled or demoted in a live shop; the rules know no such thing.
        login = Account.objects.create(account=f"owner-{uuid4().hex}")
        SubAccount.objects.create(shop=self.shop, account=login, name="~owner", roles=["main"])
        self.errors: list[dict[str, Any]] = []
        self._first_settings()
        for i, (at, event) in enumerate(scenario.events):
            try:
                self._happen(event, at)
            except Refused as refused:
                self.errors.append({"event": i, "code": refused.code})

    def _first_settings(self) -> None:
        """The scenario's settings as version 1: what a shop has before anything happens."""
        document = dict(self.scenario.settings.document)
        RoutingVersion.objects.create(shop=self.shop, number=1, document=document)
        write_tables(shop=self.shop, document=document)
        Lane.objects.create(shop=self.shop, settings_token=uuid4().hex)

    def _happen(self, event: events.Event, at: datetime) -> None:
        self.CALLS[type(event)](self, event, at)

    def _open(self, event: events.Open, at: datetime) -> None:
        services.open_conversation(
            shop=self.shop,
            external_id=event.conversation,
            buyer=event.buyer,
            entry=event.entry,
            question=event.question,
            order_status=event.order_status,
            robot=event.robot,
            message=event.message,
            now=at,
        )

    def _message(self, event: events.Message, at: datetime) -> None:
        author = SubAccount.objects.for_shop(self.shop).get(name=event.agent) if event.agent else None
        services.post_message(
            shop=self.shop,
            conversation=event.conversation,
            sender=event.sender,
            author=author,
            kind=event.kind,
            text="text",
            now=at,
        )

    CALLS: ClassVar[dict[type, Callable[["LiveRun", Any, datetime], object]]] = {
        events.Presence: lambda run, e, at: services.set_presence(
            shop=run.shop, agent=e.agent, status=e.status, now=at
        ),
        events.AppLogin: lambda run, e, at: services.note_app_login(shop=run.shop, agent=e.agent, now=at),
        events.AgentChange: lambda run, e, at: services.change_sub_account(
            shop=run.shop, agent=e.agent, now=at, **e.changes
        ),
        events.Open: _open,
        events.AskHuman: lambda run, e, at: services.ask_human(shop=run.shop, conversation=e.conversation, now=at),
        events.Message: _message,
        events.Close: lambda run, e, at: services.close_conversation(
            shop=run.shop, conversation=e.conversation, by=ClosedBy(e.by), now=at
        ),
        events.Transfer: lambda run, e, at: services.transfer_conversation(
            shop=run.shop, conversation=e.conversation, by=e.by, to=e.to, reason=e.reason, now=at
        ),
        events.SettingsChange: lambda run, e, at: services.publish(
            shop=run.shop, document=dict(e.settings.document), now=at
        ),
        events.Tick: lambda run, e, at: services.run_time_outs(shop=run.shop, now=at),
    }

    def decisions(self) -> list[dict[str, Any]]:
        """As the simulator's result tells them, in the order in which they were made."""
        rows = Decision.objects.filter(shop=self.shop).select_related("conversation__buyer", "agent").order_by("pk")
        return [
            {
                "at": row.at.astimezone(self.scenario.zone).isoformat(),
                "conversation": row.conversation.external_id,
                "buyer": row.conversation.buyer.external_id,
                "trigger": row.trigger,
                "outcome": row.outcome,
                "agent": row.agent.name if row.agent else None,
                "rule": row.rule,
                "pool": row.pool or None,
                "labels": row.labels,
                "push": row.push,
                "version": row.version,
                "trace": row.trace,
            }
            for row in rows
        ]
