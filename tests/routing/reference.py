"""The routing rules once more, from ROUTING.md and CONTRACT.md alone: slow, plain, nothing of the product imported.

After every event everybody who waits or is stranded is decided again in order, each figure counted anew from the
conversations and the log of what was given. The product's engine must give the same results (test_reference.py).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

ENTRIES = {
    "pinduoduo": ("shop_home", "goods_detail", "order_detail", "refund_detail", "logistics"),
    "douyin": ("goods_detail", "order_detail", "direct_message", "live", "other"),
}
STATUSES = ("none", "unpaid", "unshipped", "shipped", "received", "after_sale")
KINDS = ("text", "image", "order_card", "product_card")
AGENT_ROLES = {"agent", "logistics_agent"}
LEADERS = {"main", "admin", "cs_manager"}
CAPS = {"kuaishou": 200, "douyin": 20}
WITHIN_HOURS = {"pinduoduo": None, "kuaishou": 72, "douyin": 48, "taobao": 72}
OFFLINE_RULES = {"pinduoduo": "PDD5", "kuaishou": "KS3", "douyin": "DY11", "taobao": "TB7"}
NOTICE, BUSY_NOTICE = "当前排队 {count} 人，请稍候。", "咨询人数较多，客服繁忙，请耐心等待或稍后再来。"
"""The documents leave the wording of both open."""


class Refused(Exception):
    """An event that is refused, with its code."""


def simulate(scenario: Row) -> Row:
    """What comes of a scenario file's content: a result as in CONTRACT section 2, without traces and messages."""
    shop = Shop(scenario)
    for index, event in enumerate(scenario["events"]):
        now = datetime.fromisoformat(event["at"])
        shop.time_out(now)
        shop.now, shop.index = now, index
        try:
            getattr(shop, f"on_{event['type']}")(event)
        except Refused as refused:
            shop.errors.append({"event": index, "code": str(refused)})
            continue
        shop.decide_again()
    return shop.result()


class Shop:
    """Everything there is, as plain dictionaries and lists."""

    def __init__(self, scenario: Row) -> None:
        self.platform: str = scenario["platform"]
        self.zone = ZoneInfo(scenario.get("timezone", "Asia/Shanghai"))
        self.seed = scenario.get("seed", 0)
        fresh = {"roles": ["agent"], "max_concurrent": None, "mobile_app": False, "enabled": True}
        self.agents: dict[str, Row] = {a["account"]: fresh | a | {"status": "offline"} for a in scenario["agents"]}
        self.routing: Row = scenario.get("routing", {})
        self.version = 1
        self.settings_at: datetime | None = None
        self.conversations: dict[str, Row] = {}
        self.names: dict[str, str] = {}
        """Each id ever opened, and the conversation that it stands for (G18)."""
        self.given: list[Row] = []
        """Every assignment in the order in which they were made."""
        self.decisions: list[Row] = []
        self.errors: list[Row] = []
        self.silent: set[str] = set()
        """Whom G21 leaves out of the decision at hand."""
        self.now = datetime.min
        self.index = -1

    def part(self, key: str) -> Row:
        """A part of the routing document that is itself a document; what it leaves out has its default."""
        within, dy = WITHIN_HOURS[self.platform], self.platform == "douyin"
        defaults: dict[str, Row] = {
            "recent_contact": {"enabled": True, "within_hours": within, "respect_max_concurrent": dy},
            "offline": {"enabled": True, "agents": []},
            "silence": {"enabled": False, "after_seconds": 120, "times": 2},
            "queue": {"show_count_below": 20, "notice": NOTICE, "busy_notice": BUSY_NOTICE, "overflow": False},
        }
        return defaults[key] | dict(self.routing.get(key, {}))

    def groups(self, status: str | None = None) -> list[Row]:
        """All groups, or those bound to an order status."""
        rows = self.routing.get("groups", [])
        return [g for g in rows if status is None or status in g.get("order_statuses", [])]

    def participants(self) -> list[str]:
        """G1: enabled, with an agent role, not on the never-route list; in order of account name (G15)."""
        never = self.routing.get("never_route", [])
        rows = self.agents.items()
        return sorted(n for n, a in rows if a["enabled"] and AGENT_ROLES & set(a["roles"]) and n not in never)

    def online(self) -> list[str]:
        return [n for n in self.participants() if self.agents[n]["status"] == "online"]

    def held(self, name: str) -> list[Row]:
        """G4, G7: what is open in somebody's name, the offline list's too."""
        return [c for c in self.conversations.values() if c["state"] == "open" and c["agent"] == name]

    def cap(self, name: str) -> int | None:
        own = self.agents[name]["max_concurrent"]
        return CAPS.get(self.platform) if own is None else own

    def full(self, name: str) -> bool:
        cap = self.cap(name)
        return cap is not None and len(self.held(name)) >= cap

    def free(self, among: list[str] | None = None) -> list[str]:
        """G2, G3: online and not full; those of a list, or of the whole shop."""
        names = [n for n in self.online() if n not in self.silent]
        return [n for n in names if not self.full(n) and (among is None or n in among)]

    def absent(self, name: str) -> bool:
        return self.agents[name]["status"] == "offline" or not self.agents[name]["enabled"]

    def day(self, at: datetime) -> date:
        """G14."""
        return at.astimezone(self.zone).date()

    def received(self, name: str, kind: str) -> int:
        """G16, G4: given today by `routing`, or by the `offline` list."""
        today = self.day(self.now)
        return sum(g["agent"] == name and g["kind"] == kind and self.day(g["at"]) == today for g in self.given)

    def last_given(self, name: str) -> int:
        """G15: where in the order of events somebody's last assignment of any kind lies; never comes first."""
        return max((i for i, g in enumerate(self.given) if g["agent"] == name), default=-1)

    def waiting_replies(self, name: str) -> int:
        return sum(c["unanswered"] is not None for c in self.held(name))

    def contact(self, conversation: Row) -> str | None:
        """The recent agent, where one counts: G13, G19, G20."""
        rule = self.part("recent_contact")
        had = [c for c in self.conversations.values() if c["buyer"] == conversation["buyer"] and c["agent"]]
        if not rule["enabled"] or not had:
            return None
        name = had[-1]["agent"]
        hours = rule["within_hours"]
        if hours is not None and self.now - had[-1]["contact"] > timedelta(hours=hours):
            return None  # G20: at most so many hours, measured now
        gone = name not in self.participants() or name in self.silent  # G13, G21
        full = rule["respect_max_concurrent"] and name in self.online() and self.full(name)  # G19, DY6
        return None if gone or full else str(name)

    def fewest(self, names: list[str], figure: Callable[[str], Any]) -> str:
        """The lowest figure; among equals G15."""
        return min(names, key=lambda n: (figure(n), self.last_given(n), n))

    def even(self, names: list[str]) -> str:
        """G16: fewest received today first."""
        return self.fewest(names, lambda n: self.received(n, "routing"))

    def least_saturated(self, names: list[str]) -> str:
        """DY3: load ÷ cap."""
        return self.fewest(names, lambda n: Fraction(len(self.held(n)), self.cap(n) or 1))

    def any_of(self, conversation: Row, names: list[str]) -> str:
        """The n-th decision of a conversation draws from a source of its own."""
        return Random(f"{self.seed}:{conversation['id']}:{conversation['decisions'] + 1}").choice(sorted(names))

    def by_weight(self, conversation: Row, weights: dict[str, float]) -> str:
        """In proportion; where all have 0 they are equal (the rules do not say: docs/routing.md)."""
        names = sorted(weights)
        if not any(weights.values()):
            return self.any_of(conversation, names)
        source = Random(f"{self.seed}:{conversation['id']}:{conversation['decisions'] + 1}")
        return source.choices(names, weights=[weights[n] for n in names])[0]

    def decide(self, conversation: Row) -> Row:
        if not self.online():
            return self.decide_offline()
        rule, agent = getattr(self, self.platform)(conversation)
        if agent is not None:
            return _found(rule, "assigned", agent=agent)
        narrower = {"KS6": f"order_status:{conversation['order_status']}", "DY7": self.listed(conversation)[1]}
        return _found(rule, "queued", pool=narrower.get(rule, "shop"))

    def decide_offline(self) -> Row:
        """G4, G5, G10: nobody is online."""
        offline, never = self.part("offline"), self.routing.get("never_route", [])
        names = [n for n in offline["agents"] if self.agents[n]["enabled"] and n not in never]
        if not offline["enabled"] or not names:
            return _found("G5", "queued", pool="shop")
        name = self.fewest(names, lambda n: self.received(n, "offline"))
        return _found(OFFLINE_RULES[self.platform], "offline", agent=name) | {"push": self.agents[name]["mobile_app"]}

    def pinduoduo(self, conversation: Row) -> tuple[str, str | None]:
        recent = self.contact(conversation)
        if recent in self.online():
            return "PDD1", recent
        anyone = self.free()
        if recent is not None:
            return ("PDD2", self.any_of(conversation, anyone)) if anyone else ("G17", None)
        advanced = self.routing.get("mode") == "advanced" and bool(self.groups())  # PDD8
        if advanced:
            members = [m for g in self.groups(conversation["order_status"]) for m in g["members"]]
            weights = {m["account"]: m.get("weight", 100) for m in members if m["account"] in anyone}
            if weights:
                return "PDD6", self.by_weight(conversation, weights)
        else:
            those = self.free(self.routing.get("pages", {}).get(conversation["entry"], []))
            if those:
                return "PDD3", self.any_of(conversation, those)
        return ("PDD7" if advanced else "PDD4", self.any_of(conversation, anyone)) if anyone else ("G17", None)

    def kuaishou(self, conversation: Row) -> tuple[str, str | None]:
        recent, anyone = self.contact(conversation), self.free()
        grouped = self.routing.get("mode") == "grouped" and bool(self.groups())  # KS8
        if recent in self.online():
            return "KS5" if grouped else "KS1", recent
        if grouped:
            members = [m["account"] for g in self.groups(conversation["order_status"]) for m in g["members"]]
            if self.free(members):
                return "KS9", self.even(self.free(members))
            if set(members) & set(self.online()) - self.silent:
                return "KS6", None
            rule = "KS10"
        elif recent is None:
            return ("KS2", self.even(anyone)) if anyone else ("G17", None)
        else:
            rule = "KS1"
        return (rule, self.any_of(conversation, anyone)) if anyone else ("G17", None)

    def listed(self, conversation: Row) -> tuple[list[str], str]:
        """DY2, DY7: whose conversation it is, and the pool where it would wait."""
        entry, question = conversation["entry"], conversation["question"]
        rule = self.routing.get("entries", {}).get(entry, {})
        if rule.get("assign", "unified") == "unified":
            names = rule.get("agents", [])
        else:
            questions = rule.get("questions", {})
            if questions.get(question):
                return questions[question], f"entry:{entry}:{question}"
            names = [n for those in questions.values() for n in those]
        return names or self.participants(), f"entry:{entry}"

    def douyin(self, conversation: Row) -> tuple[str, str | None]:
        recent = self.contact(conversation)
        if recent in self.online():
            return "DY5", recent  # also the first half of DY12
        allocation = self.routing.get("allocation", "least_saturated")
        rule = {"least_saturated": "DY3", "even_today": "DY4", "priority": "DY12"}[allocation]
        share = self.even if rule == "DY4" else self.least_saturated
        those, anyone = self.free(self.listed(conversation)[0]), self.free()
        if those:
            return rule, share(those)
        entry = self.routing.get("entries", {}).get(conversation["entry"], {})
        if self.part("queue")["overflow"] and entry.get("assign") == "by_question" and anyone:
            return "DY8", share(anyone)
        return "DY7", None

    def taobao(self, conversation: Row) -> tuple[str, str | None]:
        recent = self.contact(conversation)
        if recent in self.online():
            return "TB1", recent
        matched = self.groups(conversation["order_status"])
        members = [m["account"] for g in matched or self.groups() for m in g["members"]]
        for rule, names in (("TB2" if matched else "TB3", self.free(members)), ("TB6", self.free())):
            if names:
                weights = {n: self.weight(n, matched) * self.busyness(n) for n in names}
                return rule if self.groups() else "TB8", self.by_weight(conversation, weights)
        return "G17", None

    def weight(self, name: str, matched: list[Row]) -> int:
        """TB9: that of the matched group, the largest if several match or none."""
        for groups in (matched, self.groups()):
            own = [m.get("weight", 100) for g in groups for m in g["members"] if m["account"] == name]
            if own:
                return int(max(own))
        return 100

    def busyness(self, name: str) -> float:
        """TB5."""
        threshold, waiting = self.routing.get("busy_threshold", 4), self.waiting_replies(name)
        return 1 if waiting <= threshold else threshold / waiting

    def record(self, conversation: Row, trigger: str, found: Row) -> None:
        if found["agent"] is not None:
            kind = {"offline": "offline"}.get(found["outcome"], "hand" if trigger == "transferred" else "routing")
            self.given.append({"agent": found["agent"], "at": self.now, "kind": kind})
            conversation |= {"state": "open", "agent": found["agent"], "pool": None}
            conversation |= {"contact": self.now, "assigned": self.now, "back": None, "tried": False}
        else:
            if conversation["state"] != "queued":
                conversation |= {"since": self.now, "place": self.index}
            conversation |= {"state": "queued", "pool": found["pool"]}
        conversation["decisions"] += 1
        labels = ["repeat_visit"] if found["rule"] == "DY5" else []
        about = {"at": self.now, "conversation": conversation["id"], "buyer": conversation["buyer"]}
        self.decisions.append(about | {"trigger": trigger, "labels": labels, "version": self.version} | found)

    def stranded(self, conversation: Row) -> bool:
        """G9: unanswered, its holder absent, somebody online."""
        if conversation["state"] != "open" or conversation["unanswered"] is None:
            return False
        return self.absent(conversation["agent"]) and bool(self.online())

    def decide_again(self) -> None:
        """G6, G9: the waiting and the stranded in one order, by when their waiting began."""
        rows = [(c["place"], c) for c in self.conversations.values() if c["state"] == "queued"]
        stuck = [c for c in self.conversations.values() if self.passes_on(c) and c["tried"] and self.online()]
        rows += [(c["unanswered"], c) for c in self.conversations.values() if self.stranded(c) or c in stuck]
        for _, conversation in sorted(rows, key=lambda row: row[0]):
            if conversation in stuck:
                if self.pass_on(conversation):
                    self.decide_again()  # its holder before has a place again, for the first in order
                    return
                continue
            found = self.decide(conversation)
            if conversation["state"] == "queued" and found["pool"] != conversation["pool"]:
                self.record(conversation, "drained", found)
            elif conversation["state"] == "open" and found["outcome"] != "queued":
                self.record(conversation, "reassigned", found)

    def passes_on(self, conversation: Row) -> bool:
        """G21: somebody who is not absent holds it and owes an answer, and it was not passed on too often."""
        rule = self.part("silence")
        if not rule["enabled"] or conversation["state"] != "open" or conversation["unanswered"] is None:
            return False
        return len(conversation["taken"]) < rule["times"] and not self.absent(conversation["agent"])

    def pass_on(self, conversation: Row) -> bool:
        """G21: to somebody online who is free, without those who were silent."""
        self.silent = {conversation["agent"], *conversation["taken"]}
        found = self.decide(conversation)
        self.silent = set()
        conversation["tried"] = found["outcome"] != "assigned"
        if conversation["tried"]:
            return False
        conversation["taken"].append(conversation["agent"])
        self.record(conversation, "reassigned", found)
        return True

    def due(self, conversation: Row) -> datetime | None:
        """DY13, G21: when a conversation is timed out, as things stand."""
        if self.passes_on(conversation) and not conversation["tried"]:
            starts = [conversation["wrote"], conversation["assigned"], conversation["back"]]
            silent: datetime = max(t for t in starts if t is not None)
            return silent + timedelta(seconds=self.part("silence")["after_seconds"])
        minutes = self.routing.get("auto_close_minutes")
        if minutes is None or conversation["state"] != "open" or conversation["unanswered"] is not None:
            return None
        since: datetime = max(t for t in (conversation["assigned"], conversation["ours"]) if t is not None)
        return since + timedelta(minutes=minutes)

    def time_out(self, until: datetime) -> None:
        """Each at its due time, or at that of the settings that made it due in the past."""
        while True:
            rows = [(due, c) for c in self.conversations.values() if (due := self.due(c)) is not None and due <= until]
            if not rows:
                return
            due, conversation = min(rows, key=lambda row: row[0])
            self.now = due if self.settings_at is None else max(due, self.settings_at)
            if conversation["unanswered"] is None:
                conversation["state"] = "closed"
                self.decide_again()
            elif self.pass_on(conversation):
                self.decide_again()

    # ---- events

    def known(self, event: Row) -> Row:
        if event["conversation"] not in self.names:
            raise Refused("unknown_conversation")
        conversation = self.conversations[self.names[event["conversation"]]]
        if conversation["state"] == "closed":
            raise Refused("conversation_closed")
        return conversation

    def buyer_wrote(self, conversation: Row) -> None:
        if conversation["unanswered"] is None:
            conversation |= {"unanswered": self.index, "wrote": self.now, "tried": False}
        if conversation["state"] == "open":
            conversation["contact"] = self.now

    def on_presence(self, event: Row) -> None:
        self.change(event["agent"], {"status": event["status"]})

    def on_app_login(self, event: Row) -> None:
        self.agents[event["agent"]]["mobile_app"] = True

    def on_agent(self, event: Row) -> None:
        self.change(event["agent"], {k: v for k, v in event.items() if k in ("roles", "max_concurrent", "enabled")})

    def change(self, name: str, values: Row) -> None:
        """G21: whoever comes back from absence has the set time anew."""
        was_absent = self.absent(name)
        self.agents[name] |= values
        if was_absent and not self.absent(name):
            for conversation in self.held(name):
                conversation |= {"back": self.now, "tried": False}

    def on_settings(self, event: Row) -> None:
        self.routing, self.settings_at = event["routing"], self.now
        self.version += 1

    def on_tick(self, event: Row) -> None:
        pass

    def on_open(self, event: Row) -> None:
        if event["conversation"] in self.names:
            raise Refused("duplicate_conversation")
        if self.platform in ENTRIES and event["entry"] not in ENTRIES[self.platform]:
            raise Refused("unknown_entry")
        status = event.get("order_status") or "none"  # G18
        if status not in STATUSES:
            raise Refused("unknown_order_status")
        wrote = event.get("message", True)
        rows = self.conversations.values()
        going_on = [c for c in rows if c["buyer"] == event["buyer"] and c["state"] != "closed"]
        if going_on:  # G18
            self.names[event["conversation"]] = going_on[0]["id"]
            if wrote:
                self.buyer_wrote(going_on[0])
            return
        name = event["conversation"]
        new: Row = {"id": name, "buyer": event["buyer"], "entry": event.get("entry"), "order_status": status}
        new |= {"question": event.get("question"), "state": "robot", "agent": None, "pool": None, "decisions": 0}
        new |= {"wrote": None, "back": None, "tried": False, "taken": []}
        new |= {"unanswered": None, "ours": None, "contact": None, "assigned": None, "since": None, "place": None}
        self.names[name], self.conversations[name] = name, new
        if wrote:
            self.buyer_wrote(new)
        repeat_visit = self.platform == "douyin" and self.contact(new) in self.online()  # DY5 skips the robot
        if not event.get("robot") or repeat_visit:
            self.record(new, "opened", self.decide(new))

    def on_ask_human(self, event: Row) -> None:
        conversation = self.known(event)
        if conversation["state"] != "robot":
            raise Refused("not_with_robot")
        self.buyer_wrote(conversation)
        self.record(conversation, "opened", self.decide(conversation))

    def on_message(self, event: Row) -> None:
        conversation = self.known(event)
        if event.get("kind", "text") not in KINDS:
            raise Refused("kind_refused")  # PDD11
        if event["sender"] == "buyer":
            self.buyer_wrote(conversation)
            return
        conversation["ours"] = self.now
        if event["sender"] in ("agent", "robot"):
            conversation |= {"unanswered": None, "taken": [], "tried": False}
        if event["sender"] == "agent" and conversation["state"] == "open":
            conversation["contact"] = self.now  # G20: robot and automatic messages are no contact

    def on_close(self, event: Row) -> None:
        self.known(event)["state"] = "closed"

    def on_transfer(self, event: Row) -> None:
        """G8."""
        conversation, actor, to = self.known(event), self.agents[event["by"]], event["to"]
        if not actor["enabled"] or not (LEADERS | AGENT_ROLES) & set(actor["roles"]):
            raise Refused("forbidden")
        takes_over = event["by"] == to and LEADERS & set(actor["roles"])
        if to not in self.participants() and not takes_over:
            raise Refused("target_not_agent")
        if self.agents[to]["status"] != "online":
            raise Refused("target_offline")
        if conversation["agent"] == to:
            raise Refused("already_holder")
        if conversation["state"] == "robot":  # METRICS 2, "Robot to human"
            self.buyer_wrote(conversation)
        self.record(conversation, "transferred", _found("G8", "assigned", agent=to))

    def result(self) -> Row:
        rows = self.conversations.values()
        waiting = sorted((c for c in rows if c["state"] == "queued"), key=lambda c: c["place"])
        return {
            "decisions": self.decisions,
            "conversations": {c["id"]: {"state": c["state"], "agent": c["agent"]} for c in rows},
            "agents": {name: self.figures(name) for name in self.agents},
            "queue": [self.place(c, [w for w in waiting if w["pool"] == c["pool"]]) for c in waiting],
            "errors": self.errors,
        }

    def figures(self, name: str) -> Row:
        counted = {"received_today": self.received(name, "routing"), "waiting_replies": self.waiting_replies(name)}
        return {"status": self.agents[name]["status"], "open": len(self.held(name))} | counted

    def place(self, conversation: Row, pool: list[Row]) -> Row:
        """DY9."""
        texts = self.part("queue")
        notice = texts["notice"] if len(pool) < texts["show_count_below"] else texts["busy_notice"]
        told = {"position": pool.index(conversation) + 1, "notice": notice.replace("{count}", str(len(pool)))}
        return {"conversation": conversation["id"], "pool": conversation["pool"], "since": conversation["since"]} | told


def _found(rule: str, outcome: str, *, agent: str | None = None, pool: str | None = None) -> Row:
    return {"rule": rule, "outcome": outcome, "agent": agent, "pool": pool, "push": False}
