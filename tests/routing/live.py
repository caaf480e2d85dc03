"""Drives a scenario through the live services, with its clock and seed (CONTRACT section 3)."""

from typing import Any

from agents.errors import Refused
from agents.models import Shop, SubAccount
from conversations.states import ClosedBy
from routing import services
from routing.engine import events
from routing.models import Decision
from routing.simulator.scenario import Scenario


class LiveRun:
    """One shop made from a scenario, its events through `routing.services`, and what came of it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.shop = Shop.objects.create(
            slug="parity",
            name=scenario.name,
            platform=scenario.platform,
            timezone=scenario.zone.key,
            seed=scenario.seed,
        )
        SubAccount.objects.bulk_create(
            SubAccount(
                shop=self.shop,
                name=agent.name,
                roles=sorted(agent.roles),
                max_concurrent=agent.max_concurrent,
                mobile_app=agent.mobile_app,
                enabled=agent.enabled,
            )
            for agent in scenario.agents
        )
        self.errors: list[dict[str, Any]] = []
        self._first_settings()
        for i, (at, event) in enumerate(scenario.events):
            try:
                self._happen(event, at)
            except Refused as refused:
                self.errors.append({"event": i, "code": refused.code})

    def _first_settings(self) -> None:
        """The scenario's settings as version 1: what a shop has before anything happens."""
        from routing.models import Lane, RoutingVersion
        from routing.services.lane import compiled
        from routing.services.tables import write_tables

        document = dict(self.scenario.settings.document)
        RoutingVersion.objects.create(shop=self.shop, number=1, document=document)
        write_tables(shop=self.shop, document=document)
        compiled.cache_clear()
        Lane.objects.create(shop=self.shop, settings_token="parity")

    def _happen(self, event: events.Event, at) -> None:
        shop = self.shop
        match event:
            case events.Presence(agent, status):
                services.set_presence(shop=shop, agent=agent, status=status, now=at)
            case events.AppLogin(agent):
                services.note_app_login(shop=shop, agent=agent, now=at)
            case events.AgentChange(agent, changes):
                services.change_sub_account(shop=shop, agent=agent, now=at, **changes)
            case events.Open():
                services.open_conversation(
                    shop=shop,
                    external_id=event.conversation,
                    buyer=event.buyer,
                    entry=event.entry,
                    question=event.question,
                    order_status=event.order_status,
                    robot=event.robot,
                    message=event.message,
                    now=at,
                )
            case events.AskHuman(name):
                services.ask_human(shop=shop, conversation=name, now=at)
            case events.Message(name, sender, agent, kind):
                author = SubAccount.objects.for_shop(shop).get(name=agent) if agent else None
                services.post_message(
                    shop=shop, conversation=name, sender=sender, author=author, kind=kind, text="text", now=at
                )
            case events.Close(name, by):
                services.close_conversation(shop=shop, conversation=name, by=ClosedBy(by), now=at)
            case events.Transfer(name, by, to, reason):
                services.transfer_conversation(shop=shop, conversation=name, by=by, to=to, reason=reason, now=at)
            case events.SettingsChange(settings):
                services.publish(shop=shop, document=dict(settings.document), now=at)
            case events.Tick():
                services.run_time_outs(shop=shop, now=at)

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
