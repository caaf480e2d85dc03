"""Random scenarios on every platform: small shops, much happening."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from agents.vocabulary import Platform
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES

STARTS = [
    datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 7, 20, 0, tzinfo=UTC),
    datetime(2026, 10, 31, 20, 0, tzinfo=UTC),
]
"""The last two shortly before the clocks of New York and Havana are changed (in Havana at midnight)."""
ZONES = ["Asia/Shanghai", "America/New_York", "America/Havana"]
ROLES = [["agent"], ["agent"], ["logistics_agent"], ["operations"], ["cs_manager", "agent"], ["admin"]]
ACCOUNTS = ["a1", "a2", "a3", "a4", "a5", "mg", "boss"]
QUESTIONS = ["q1", "q2"]
PAUSES = [0, 1, 30, 60, 600, 3600, 6 * 3600, 20 * 3600]
TEMPOS = [(1, PAUSES), (0, [0, 1, 60, 3600]), (60, [0, 60, 300, 5400])]
"""Seconds between most events, and what lies between the others: nearly everything at one time, or by the minute."""


def scenario(rng: Random, platform: Platform, length: int) -> dict[str, Any]:
    """A scenario file's content; `length` events."""
    made = _Maker(rng, platform)
    return {
        "platform": platform.value,
        "timezone": rng.choice(ZONES),
        "seed": rng.randrange(1000),
        "agents": made.agents(),
        "routing": made.routing(),
        "events": made.events(length),
    }


class _Maker:
    def __init__(self, rng: Random, platform: Platform) -> None:
        self.rng, self.platform = rng, platform
        self.opened = 0
        self.alive: list[str] = []
        """Ids opened and not closed, as far as the generator knows."""
        self.buyers = rng.choice([3, 14, 40])
        self.pause, self.pauses = rng.choice(TEMPOS)
        self.diligence = rng.choice([2, 6])
        self.early = rng.choice([0, 3, 5])
        """How many come online before anything else happens."""

    def agents(self) -> list[dict[str, Any]]:
        roles = {"mg": ["cs_manager"], "boss": ["main"]}
        return [
            {
                "account": name,
                "roles": roles.get(name) or self.rng.choice(ROLES if self.rng.random() < 0.3 else [["agent"]]),
                "max_concurrent": self.rng.choice([None, 1, 1, 2, 3, 7]),
                "mobile_app": self.rng.random() < 0.3,
                "enabled": self.rng.random() < 0.9 or name == "boss",
            }
            for name in ACCOUNTS
        ]

    def some(self, least: int = 0) -> list[str]:
        return self.rng.sample(ACCOUNTS, self.rng.randint(least, 4))

    def routing(self) -> dict[str, Any]:
        rng = self.rng
        made: dict[str, Any] = {
            "offline": {"enabled": rng.random() < 0.7, "agents": self.some()},
            "never_route": self.some()[:2] if rng.random() < 0.3 else [],
            "recent_contact": {
                "enabled": rng.random() < 0.85,
                "within_hours": rng.choice([None, 0.05, 1, 48]),
                "respect_max_concurrent": rng.random() < 0.4,
            },
            "queue": {"show_count_below": rng.choice([0, 2, 20]), "notice": "{count} waiting", "busy_notice": "busy"},
            "auto_close_minutes": rng.choice([None, None, 1, 5, 90]),
            "silence": {
                "enabled": rng.random() < 0.6,
                "after_seconds": rng.choice([10, 60, 61, 900]),
                "times": rng.choice([1, 1, 2, 5]),
            },
        }
        for key in ("within_hours", "respect_max_concurrent", "enabled"):
            if rng.random() < 0.2:
                del made["recent_contact"][key]  # the platform's own default
        if self.platform is Platform.PINDUODUO:
            made["mode"] = rng.choice(["basic", "advanced"])
            made["pages"] = {page: self.some() for page in ENTRIES[self.platform] if rng.random() < 0.6}
            made["groups"] = self.groups(exclusive=True)
        elif self.platform is Platform.KUAISHOU:
            made["mode"] = rng.choice(["basic", "grouped", "grouped"])
            made["groups"] = self.groups(exclusive=False)
        elif self.platform is Platform.TAOBAO:
            made["groups"] = self.groups(exclusive=False)
            made["busy_threshold"] = rng.choice([1, 2, 4])
        else:
            made["entries"] = {entry: self.entry() for entry in ENTRIES[self.platform] if rng.random() < 0.7}
            made["allocation"] = rng.choice(["least_saturated", "even_today", "priority"])
            made["queue"]["overflow"] = rng.random() < 0.5
        for key in ("recent_contact", "offline", "mode", "allocation", "busy_threshold", "silence"):
            if key in made and rng.random() < 0.1:
                del made[key]
        return made

    def entry(self) -> dict[str, Any]:
        if self.rng.random() < 0.4:
            return {"assign": "unified", "agents": self.some()}
        return {"assign": "by_question", "questions": {q: self.some() for q in QUESTIONS if self.rng.random() < 0.8}}

    def groups(self, *, exclusive: bool) -> list[dict[str, Any]]:
        people, statuses = ACCOUNTS[:5], list(ORDER_STATUSES)
        self.rng.shuffle(people)
        self.rng.shuffle(statuses)
        made = []
        for i in range(self.rng.randint(0, 3)):
            members = people[2 * i : 2 * i + 2] if exclusive else self.some()
            bound = statuses[2 * i : 2 * i + 2]
            if self.platform is Platform.TAOBAO and self.rng.random() < 0.5:
                bound = self.rng.sample(ORDER_STATUSES, 2)
            made.append(
                {
                    "name": f"g{i}",
                    "members": self.members(members),
                    "order_statuses": bound,
                }
            )
        return made

    def members(self, names: list[str]) -> list[dict[str, Any]]:
        """With weights of 0 among them, but not of all: that would be refused."""
        made = [{"account": name, "weight": self.rng.choice([0, 1, 100, 500, 500])} for name in names]
        if made and not any(member["weight"] for member in made):
            del made[0]["weight"]
        return made

    def events(self, length: int) -> list[dict[str, Any]]:
        at = self.rng.choice(STARTS)
        made = []
        for i in range(length):
            at += timedelta(seconds=self.rng.choice(self.pauses) if self.rng.random() < 0.4 else self.pause)
            comes = {"type": "presence", "agent": ACCOUNTS[min(i, 4)], "status": "online"}
            made.append({"at": at.isoformat()} | (comes if i < self.early else self.event()))
        return made

    def event(self) -> dict[str, Any]:
        kind = self.rng.choices(
            ["open", "message", "close", "presence", "transfer", "agent", "settings", "ask_human", "app_login", "tick"],
            [30, 25, 12, 22, 6, 4, 2, 3, 1, 2],
        )[0]
        return {"type": kind} | getattr(self, f"_{kind}")()

    def conversation(self) -> str:
        if self.alive and self.rng.random() < 0.8:
            return self.rng.choice(self.alive)
        return f"c{self.rng.randint(max(1, self.opened - 8), self.opened + 1)}"

    def _open(self) -> dict[str, Any]:
        self.opened += self.rng.random() < 0.97
        made: dict[str, Any] = {"conversation": f"c{self.opened}", "buyer": f"b{self.rng.randint(1, self.buyers)}"}
        if self.platform in ENTRIES:
            made["entry"] = self.rng.choice(ENTRIES[self.platform]) if self.rng.random() < 0.97 else "nowhere"
        made["question"] = self.rng.choice([None, "q1", "q2", "q3"])
        made["order_status"] = self.rng.choice([None, *ORDER_STATUSES])
        made["robot"] = self.rng.random() < 0.15
        made["message"] = self.rng.random() < 0.9
        if made["conversation"] not in self.alive:
            self.alive.append(made["conversation"])
        return made

    def _message(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "conversation": self.conversation(),
            "sender": self.rng.choice(["buyer", "buyer", "agent", "agent", "robot", "auto"]),
            "kind": self.rng.choice(["text"] * 9 + ["video"]),
        }
        if made["sender"] == "agent" and self.rng.random() < 0.2:
            made["agent"] = self.rng.choice(ACCOUNTS)
        return made

    def _close(self) -> dict[str, Any]:
        name = self.conversation()
        if name in self.alive:
            self.alive.remove(name)
        return {"conversation": name, "by": self.rng.choice(["agent", "buyer", "system"])}

    def _presence(self) -> dict[str, Any]:
        status = self.rng.choice(["online"] * self.diligence + ["break", "offline"])
        return {"agent": self.rng.choice(ACCOUNTS), "status": status}

    def _transfer(self) -> dict[str, Any]:
        return {
            "conversation": self.conversation(),
            "by": self.rng.choice([*ACCOUNTS, "boss", "mg"]),
            "to": self.rng.choice(ACCOUNTS),
            "reason": "x",
        }

    def _agent(self) -> dict[str, Any]:
        changes = {
            "roles": self.rng.choice(ROLES),
            "max_concurrent": self.rng.choice([None, 1, 2, 5]),
            "enabled": self.rng.random() < 0.7,
        }
        names = self.rng.sample(list(changes), self.rng.choice([1, 1, 1, 3]))
        return {"agent": self.rng.choice(ACCOUNTS)} | {name: changes[name] for name in names}

    def _settings(self) -> dict[str, Any]:
        return {"routing": self.routing()}

    def _ask_human(self) -> dict[str, Any]:
        return {"conversation": self.conversation()}

    def _app_login(self) -> dict[str, Any]:
        return {"agent": self.rng.choice(ACCOUNTS)}

    def _tick(self) -> dict[str, Any]:
        return {}
