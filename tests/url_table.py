"""Every URL, and who may call it. `tests/test_url_permissions.py` walks the resolver and fails where a row is missing.

To add a URL, add one line to ROWS (for an API view one line per method):

    page("routing_settings", P.ROUTING_SEE)                        a page at /s/<slug:shop>/…, GET
    page("routing_publish", P.ROUTING_EDIT, "POST")                … by POST
    page("conversation", P.CONVERSATIONS_OWN, pk="conversation")   … with an object of the shop: kwarg `pk` comes from
                                                                   OBJECTS["conversation"], made anew for each caller
    api("api_routing", P.ROUTING_EDIT, "PUT", data={…})            an API view at /api/v1/shops/<slug:shop>/…
    api("api_close", P.A, "POST", unlike={"agent": 404})           the object's own rules answer otherwise

What then holds, for each caller of test_url_permissions.callers(): nobody signed in → a page sends to sign-in, the
API answers 401; another shop's people and keys → 404; a member (or an operator, or the shop's key) whose column in
agents.permissions.TABLE lacks the permission → 403; everybody else gets through: any answer but 401, 403, 404, 405 and
5xx, so a refused empty body (400, 409, 422) is through. A row with objects is also called with another shop's: 404.
A permission may be a tuple: one of them is enough. What OBJECTS lacks, add: a maker takes the shop, gives the value.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agents.models import Shop
from agents.permissions import Permission as P
from agents.vocabulary import Role
from tests.agents.factories import make_invitation, make_key, make_member, make_shift
from tests.metrics.rows import make_penalty, make_replay
from tests.outgoing.builders import make_delivery, make_outlet
from tests.routing.factories import (
    make_block,
    make_gone_buyer,
    make_image,
    make_quick_answer,
    make_simulation,
    make_version,
    make_waiting,
)


@dataclass(frozen=True)
class Row:
    name: str
    kind: str
    """page, api: under a shop. account, operator_page: other pages. person, operator: other API. open: everybody.
    chat: the buyers' side of a shop, open to everybody; buyer: there, for who has a buyer's token, which is none of
    ours (tests/chat/test_identity.py)."""
    permissions: tuple[P, ...] = ()
    method: str = "GET"
    objects: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    unlike: dict[str, int] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    """Parts of the address that name nothing of a shop's."""

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def _shop_row(kind: str) -> Callable[..., Row]:
    def make(
        name: str,
        permission: P | tuple[P, ...],
        method: str = "GET",
        *,
        data: dict[str, Any] | None = None,
        unlike: dict[str, int] | None = None,
        words: dict[str, str] | None = None,
        **objects: str,
    ) -> Row:
        permissions = permission if isinstance(permission, tuple) else (permission,)
        return Row(name, kind, permissions, method, objects, data or {}, unlike or {}, words or {})

    return make


page, api = _shop_row("page"), _shop_row("api")


def chat(name: str, method: str = "GET", kind: str = "buyer", **objects: str) -> Row:
    """The buyers' side at /chat/<slug:shop>/…; the shop's chat is switched on for the call."""
    return Row(name, kind, method=method, objects=objects)


OBJECTS: dict[str, Callable[[Shop], Any]] = {
    "key": lambda shop: make_key(shop)[0].pk,
    "sub_account": lambda shop: make_member(shop).name,
    "block": lambda shop: make_block(shop).pk,
    "conversation": lambda shop: make_waiting(shop).pk,
    "image": lambda shop: make_image(shop).pk,
    "replay": lambda shop: make_replay(shop).pk,
    "penalty": lambda shop: make_penalty(shop).pk,
    "buyer": lambda shop: make_gone_buyer(shop).external_id,
    "simulation": lambda shop: make_simulation().pk,
    "version": lambda shop: make_version(shop, 3).number,
    "invitation": lambda shop: make_invitation(shop).pk,
    "quick_answer": lambda shop: make_quick_answer(shop).pk,
    "shift_kind": lambda shop: make_shift(shop).pk,
    "outlet": lambda shop: make_outlet(shop).pk,
    "delivery": lambda shop: make_delivery(shop).pk,
}

_OTHERS = ("disabled main", "second shop's main", "second shop's agent", "operator")
NOT_THEIRS = dict.fromkeys((*(role.value for role in Role), *_OTHERS), 404)
"""For what is one account's own: nobody else finds it."""

NO_SETTINGS_SEEN = dict.fromkeys(
    ("agent", "logistics_agent", "disabled main", "second shop's agent", "key", "second shop's key"), 403
)
"""For trying settings out: who sees those of no shop may not."""
ANOTHERS_SIMULATION = NOT_THEIRS | NO_SETTINGS_SEEN
NOBODY_S = NOT_THEIRS | dict.fromkeys(("nobody", "key", "second shop's key"), 404)
"""For what is not set up in the tests."""

ROWS: list[Row] = [
    # agents: pages
    Row("sign_in", "open"),
    Row("sign_out", "open", method="POST"),
    Row("set_language", "open", method="POST", data={"language": "en"}),
    Row("second_factor", "open"),
    Row("passkey_options", "open", method="POST"),
    Row("passkey_verify", "open", method="POST"),
    Row("password_forgotten", "open"),
    Row("password_by_mail", "open", words={"uid": "MQ", "token": "x-y"}),
    Row("account_security", "account"),
    # No provider is set up: 404 for who gets so far.
    Row("sign_on", "open", words={"kind": "oidc"}, unlike=NOBODY_S),
    Row("sign_on_done", "open", words={"kind": "oidc"}, unlike=NOBODY_S),
    Row("sign_on_link", "account", words={"kind": "oidc"}, unlike=NOT_THEIRS),
    Row("identity_unlink", "account", method="POST", words={"pk": "1"}),
    Row("account_confirm", "account"),
    Row("account_confirm", "account", method="POST"),
    Row("totp_add", "account"),
    Row("totp_add", "account", method="POST"),
    Row("passkey_add_options", "account", method="POST"),
    Row("passkey_add", "account", method="POST"),
    Row("recovery_codes", "account"),
    Row("recovery_codes", "account", method="POST"),
    Row("factor_remove", "account", method="POST", words={"pk": "1"}),
    Row("session_end", "account", method="POST", words={"pk": "1"}),
    Row("sessions_end", "account", method="POST"),
    Row("token_revoke", "account", method="POST", words={"pk": "1"}),
    Row("email_change", "account", method="POST"),
    Row("email_confirm", "account", words={"token": "x"}),
    Row("notices_acknowledge", "account", method="POST"),
    Row("home", "account"),
    Row("password", "account"),
    Row("own_beat", "account", method="POST"),
    Row("shops_at_once", "account"),
    Row("shops_export", "account"),
    Row("admin_password", "open"),
    Row("admin_sign_in", "operator_page"),
    Row("shop_new", "operator_page"),
    Row("shop_new", "operator_page", method="POST"),
    page("shop_home", P.SHOP_SEE),
    page("shop_keys", P.KEYS_EDIT),
    page("shop_keys", P.KEYS_EDIT, "POST"),
    page("shop_key_revoke", P.KEYS_EDIT, "POST", pk="key"),
    # agents: API
    Row("healthz", "open"),
    Row("livez", "open"),
    Row("readyz", "open"),
    Row("metrics", "open"),
    Row("api_schema", "open"),
    Row("api_docs", "open"),
    Row("api_token", "open", method="POST"),
    Row("api_me", "person"),
    Row("api_stream", "person"),
    Row("api_shops", "person"),
    Row("api_shops", "operator", method="POST"),
    api("api_shop", P.SHOP_SEE),
    api("api_shop", P.SHOP_EDIT, "PATCH"),
    api("api_keys", P.KEYS_EDIT),
    api("api_keys", P.KEYS_EDIT, "POST"),
    api("api_key", P.KEYS_EDIT, "DELETE", pk="key"),
    api("api_buyer", P.BUYERS_ERASE, "DELETE", buyer="buyer"),
    # routing: pages: presence, settings, sub-accounts
    page("own_presence", P.STATUS_OWN),
    page("rates_detail", P.METRICS_ALL),
    page("reports", P.METRICS_OWN),
    page("reports_export", P.METRICS_OWN),
    page("shares", P.METRICS_ALL),
    page("shares_export", P.METRICS_ALL),
    page("rates_trend_export", P.METRICS_ALL),
    page("penalties_export", P.PENALTIES_SEE),
    page("penalty_rates_export", P.METRICS_ALL),
    page("rates_detail_export", P.METRICS_ALL),
    page("rates_trend", P.METRICS_ALL),
    page("definitions", P.METRICS_ALL),
    page("definition_edit", P.METRICS_EDIT, words={"metric": "reply_5m"}),
    page("definition_edit", P.METRICS_EDIT, "POST", words={"metric": "reply_5m"}),
    page("definition_preview", P.METRICS_EDIT, "POST", words={"metric": "reply_5m"}),
    page("wall", P.CONVERSATIONS_ALL),
    page("wall_status", P.STATUS_OTHERS, "POST", account="sub_account", data={"status": "break"}),
    page("wall_ask_back", P.STATUS_OTHERS, "POST", account="sub_account"),
    page("conversations_search", P.CONVERSATIONS_OWN),
    page("conversation_aside", P.CONVERSATIONS_OWN, pk="conversation"),
    page("conversation_earlier", P.CONVERSATIONS_OWN, pk="conversation"),
    page("quick_answers", P.CONVERSATIONS_OWN),
    page("quick_answers", P.CONVERSATIONS_OWN, "POST"),
    page("quick_bar", P.CONVERSATIONS_OWN),
    page("quick_remove", P.CONVERSATIONS_OWN, "POST", pk="quick_answer"),
    page("own_presence", P.STATUS_OWN, "POST", data={"status": "online"}),
    page("routing_settings", P.ROUTING_SEE),
    page("routing_draft", P.ROUTING_EDIT, "POST"),
    page("routing_publish", P.ROUTING_EDIT, "POST"),
    page("routing_try", P.ROUTING_SEE, "POST"),
    page("routing_picker", P.ROUTING_EDIT, "POST"),
    page("routing_hide", P.ROUTING_EDIT, "POST"),
    page("routing_versions", P.ROUTING_SEE),
    page("routing_restore", P.ROUTING_EDIT, "POST", number="version"),
    page("audit", P.AUDIT_SEE),
    page("audit_csv", P.AUDIT_SEE),
    page("sub_accounts", P.SUB_ACCOUNTS_SEE),
    page("sub_account_new", P.SUB_ACCOUNTS_EDIT),
    page("sub_account_new", P.SUB_ACCOUNTS_EDIT, "POST"),
    page("sub_account_edit", P.SUB_ACCOUNTS_EDIT, account="sub_account"),
    page("sub_account_edit", P.SUB_ACCOUNTS_EDIT, "POST", account="sub_account"),
    page("sub_account_password", P.SUB_ACCOUNTS_EDIT, account="sub_account"),
    page("sub_account_password", P.SUB_ACCOUNTS_EDIT, "POST", account="sub_account"),
    page("sub_account_enable", P.SUB_ACCOUNTS_EDIT, "POST", account="sub_account", data={"enabled": "0"}),
    # Only the account's own shop may, and an operator has no place in it.
    page("sub_account_unlock", P.SUB_ACCOUNTS_EDIT, "POST", account="sub_account", unlike={"operator": 403}),
    page("shop_second_factor", P.SUB_ACCOUNTS_EDIT_MAIN, "POST", data={"on": "0"}),
    page("sub_account_second_factor", P.SUB_ACCOUNTS_EDIT, "POST", account="sub_account", unlike={"operator": 403}),
    page("sub_account_cap", P.CAPS_OTHERS, "POST", account="sub_account", data={"max_concurrent": "5"}),
    page("sub_account_name", P.SUB_ACCOUNTS_EDIT),
    page("sub_account_import", P.SUB_ACCOUNTS_EDIT),
    page("sub_account_import", P.SUB_ACCOUNTS_EDIT, "POST"),
    page("sub_account_import_confirm", P.SUB_ACCOUNTS_EDIT, "POST"),
    page("sub_account_template", P.SUB_ACCOUNTS_EDIT),
    page("sub_account_invite", P.SUB_ACCOUNTS_EDIT),
    page("sub_account_invite", P.SUB_ACCOUNTS_EDIT, "POST"),
    page("sub_account_withdraw", P.SUB_ACCOUNTS_EDIT, "POST", pk="invitation"),
    # Its holder alone answers an invitation; this one is somebody else's.
    Row("invitation_answer", "account", method="POST", objects={"pk": "invitation"}, unlike=NOT_THEIRS),
    # routing: pages: shifts
    page("shifts", P.SHIFTS_SEE),
    page("shift_hours", P.SHIFTS_SEE),
    page("shift_hours_csv", P.SHIFTS_SEE),
    page("shift_cell", P.SHIFTS_EDIT),
    page("shift_cell", P.SHIFTS_EDIT, "POST"),
    page("shift_copy", P.SHIFTS_EDIT),
    page("shift_copy", P.SHIFTS_EDIT, "POST"),
    page("shift_follow", P.SHIFTS_EDIT, "POST", data={"follows": "1"}),
    page("shift_kinds", P.SHIFTS_EDIT),
    page("shift_kind_new", P.SHIFTS_EDIT),
    page("shift_kind_new", P.SHIFTS_EDIT, "POST"),
    page("shift_kind", P.SHIFTS_EDIT, pk="shift_kind"),
    page("shift_kind", P.SHIFTS_EDIT, "POST", pk="shift_kind"),
    page("shift_kind_remove", P.SHIFTS_EDIT, "POST", pk="shift_kind"),
    page("shift_template", P.SHIFTS_EDIT),
    page("shift_template", P.SHIFTS_EDIT, "POST"),
    # routing: pages of conversations
    # Only who holds a conversation writes in it, a leader no less; nobody holds this one.
    page("conversation_post", P.MESSAGES_WRITE_AS_ANYONE, "POST", pk="conversation"),
    page("conversation_close", P.CONVERSATIONS_ALL, "POST", pk="conversation"),
    page("conversation_transfer", (P.TRANSFER_OWN, P.TRANSFER_ALL), pk="conversation"),
    page("conversation_transfer", (P.TRANSFER_OWN, P.TRANSFER_ALL), "POST", pk="conversation"),
    page("conversation_take", (P.TRANSFER_OWN, P.TRANSFER_ALL), "POST", pk="conversation"),
    page("records", P.CONVERSATIONS_OWN),
    page("record", P.CONVERSATIONS_OWN, pk="conversation"),
    # routing: API
    Row("api_own_presence", "person", method="PUT"),
    api("api_sub_accounts", P.SUB_ACCOUNTS_SEE),
    api("api_sub_accounts", P.SUB_ACCOUNTS_EDIT, "POST"),
    api("api_sub_account", P.SUB_ACCOUNTS_SEE, account="sub_account"),
    api("api_sub_account", P.CAPS_OTHERS, "PATCH", account="sub_account", data={"max_concurrent": 5}),
    api("api_sub_account", P.SUB_ACCOUNTS_EDIT, "PATCH", account="sub_account", data={"roles": ["agent"]}),
    api("api_sub_account", P.SUB_ACCOUNTS_EDIT, "DELETE", account="sub_account"),
    # One's own status alone for an agent: somebody else's answers 403.
    api("api_presence", P.STATUS_OTHERS, "PUT", account="sub_account", data={"status": "break"}),
    api("api_routing", P.ROUTING_SEE),
    api("api_routing", P.ROUTING_EDIT, "PUT"),
    api("api_versions", P.ROUTING_SEE),
    api("api_restore", P.ROUTING_EDIT, "POST", number="version"),
    # An agent sees own conversations and the waiting ones: this one waits.
    api("api_conversations", (P.CONVERSATIONS_OWN, P.CONVERSATIONS_OPEN)),
    api("api_conversations", P.CONVERSATIONS_OPEN, "POST"),
    api("api_conversation", (P.CONVERSATIONS_OWN, P.CONVERSATIONS_OPEN), pk="conversation"),
    api("api_decisions", (P.CONVERSATIONS_OWN, P.CONVERSATIONS_OPEN), pk="conversation"),
    api("api_messages", P.MESSAGES_SEE, pk="conversation"),
    # A person writes in what they hold; nobody holds this one.
    api("api_messages", P.MESSAGES_WRITE_AS_ANYONE, "POST", pk="conversation"),
    api("api_image", P.MESSAGES_SEE, pk="conversation", message="image"),
    api("api_close", (P.CONVERSATIONS_ALL, P.CONVERSATIONS_OPEN), "POST", pk="conversation"),
    api("api_ask_human", P.CONVERSATIONS_OPEN, "POST", pk="conversation"),
    api("api_transfer", (P.TRANSFER_OWN, P.TRANSFER_ALL), "POST", pk="conversation"),
    api("api_queue", P.QUEUE_SEE),
    api("api_hot_questions", (P.CONVERSATIONS_OPEN, P.ANSWERS_SEE)),
    Row("api_simulate", "authenticated", method="POST", unlike=NO_SETTINGS_SEEN),
    Row("api_simulation", "authenticated", objects={"pk": "simulation"}, unlike=ANOTHERS_SIMULATION),
    # metrics: pages
    page("conversations", P.CONVERSATIONS_OWN),
    page("conversations_list", P.CONVERSATIONS_OWN),
    page("conversation", P.CONVERSATIONS_OWN, pk="conversation"),
    page("conversation_thread", P.CONVERSATIONS_OWN, pk="conversation"),
    page("shop_overview", P.METRICS_ALL),
    page("reply_rates", P.METRICS_OWN),
    # The settings form alone posts a document; none is refused.
    page("replay_start", P.ROUTING_SEE, "POST"),
    page("replay_state", P.ROUTING_SEE, pk="replay"),
    page("replay_cancel", P.ROUTING_SEE, "POST", pk="replay"),
    page("penalties", P.PENALTIES_SEE),
    page("penalty_black_room", P.PENALTIES_EDIT),
    page("penalty_black_room", P.PENALTIES_EDIT, "POST"),
    page("penalty_mark", P.PENALTIES_EDIT, pk="penalty"),
    page("penalty_mark", P.PENALTIES_EDIT, "POST", pk="penalty", data={"mark": "confirmed"}),
    page("answers", P.ANSWERS_SEE),
    page("answers_save", P.ANSWERS_EDIT, "POST"),
    page("answers_try", P.ANSWERS_SEE, "POST", data={"say": "在吗"}),
    # chat: the settings, the interface for a key, the buyers' side
    page("chat_settings", P.CHAT_SEE),
    page("chat_save", P.CHAT_EDIT, "POST"),
    api("api_chat_tokens", P.CHAT_IDENTIFY, "POST"),
    page("chat_blocks", P.BUYERS_BLOCK),
    page("chat_unblock", P.BUYERS_BLOCK, "POST", pk="block"),
    page("conversation_block", P.BUYERS_BLOCK, pk="conversation"),
    page("conversation_block", P.BUYERS_BLOCK, "POST", pk="conversation"),
    chat("chat", kind="chat"),
    chat("chat_widget", kind="chat"),
    chat("chat_start", "POST", kind="chat"),
    chat("chat_updates"),
    chat("chat_stream"),
    chat("chat_messages"),
    chat("chat_messages", "POST"),
    chat("chat_images", "POST"),
    chat("chat_image", message="image"),
    chat("chat_ask_human", "POST"),
    chat("chat_close", "POST"),
    chat("chat_rating", "POST"),
    # outgoing: pages, API
    page("outgoing", P.OUTGOING_SEE),
    page("outgoing_alerts", P.OUTGOING_SEE),
    page("outgoing_new_webhook", P.OUTGOING_EDIT),
    page("outgoing_new_webhook", P.OUTGOING_EDIT, "POST"),
    page("outgoing_new_alert", P.OUTGOING_EDIT),
    page("outgoing_new_alert", P.OUTGOING_EDIT, "POST"),
    page("outgoing_one", P.OUTGOING_SEE, pk="outlet"),
    page("outgoing_save", P.OUTGOING_EDIT, "POST", pk="outlet"),
    page("outgoing_switch", P.OUTGOING_EDIT, "POST", pk="outlet", data={"on": "0"}),
    page("outgoing_secret", P.OUTGOING_EDIT, "POST", pk="outlet"),
    page("outgoing_test", P.OUTGOING_EDIT, "POST", pk="outlet"),
    page("outgoing_ask", P.OUTGOING_EDIT, "POST", pk="outlet"),
    # A link that is none is answered with 410, to everybody alike.
    Row("outgoing_confirm", "open", words={"token": "none"}),
    page("outgoing_remove", P.OUTGOING_EDIT, "POST", pk="outlet"),
    page("outgoing_repeat", P.OUTGOING_EDIT, "POST", pk="delivery"),
    api("api_webhooks", P.OUTGOING_EDIT),
    api("api_webhooks", P.OUTGOING_EDIT, "POST"),
    api("api_webhook", P.OUTGOING_EDIT, "PATCH", pk="outlet"),
    api("api_webhook", P.OUTGOING_EDIT, "DELETE", pk="outlet"),
    api("api_deliveries", P.OUTGOING_EDIT, pk="outlet"),
    api("api_delivery_repeat", P.OUTGOING_EDIT, "POST", pk="outlet", delivery="delivery"),
    # outgoing: the app on the phone
    Row("manifest", "open"),
    Row("service_worker", "open"),
    Row("offline", "open"),
    Row("push_key", "account"),
    Row("push_subscribe", "account", method="POST"),
    Row("push_unsubscribe", "account", method="POST"),
    # metrics: API
    api("api_reply_rates", (P.METRICS_ALL, P.METRICS_OWN)),
    api("api_reports", (P.METRICS_ALL, P.METRICS_OWN)),
    api("api_penalties", P.PENALTIES_SEE),
    api("api_penalties", P.PENALTIES_EDIT, "POST"),
    api("api_penalty", P.PENALTIES_EDIT, "PATCH", pk="penalty"),
]

NAMESPACES = {"admin"}
"""Walked by a test of their own: Django's admin, for operators alone."""
