"""What opening a conversation costs at the least: the same statements in one transaction, psycopg and no rules."""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg

LANE = "SELECT shop_id, seq, assignments, last_at, version, settings_token, settings_at FROM routing_lane \
WHERE shop_id = %s LIMIT 1 FOR UPDATE"
AGENTS = "SELECT s.id, s.name, s.roles, s.max_concurrent, s.mobile_app, s.enabled, s.status, c.open, \
c.waiting_replies, c.received_today, c.offline_today, c.counted_on, c.last_assigned FROM agents_subaccount s \
LEFT OUTER JOIN routing_agentcounter c ON s.id = c.sub_account_id WHERE s.shop_id = %s"
FIND = "SELECT c.*, b.* FROM conversations_conversation c JOIN conversations_buyer b ON b.id = c.buyer_id \
WHERE c.shop_id = %s AND c.external_id = %s ORDER BY c.id LIMIT 1"
NAME = "SELECT * FROM conversations_conversationname WHERE shop_id = %s AND external_id = %s ORDER BY id LIMIT 1"
BUYER = "SELECT * FROM conversations_buyer WHERE shop_id = %s AND external_id = %s ORDER BY id LIMIT 1"
NEW_BUYER = "INSERT INTO conversations_buyer (shop_id, external_id, recent_agent_id, contact_at) \
VALUES (%s, %s, %s, %s) RETURNING id"
CONVERSATION = "INSERT INTO conversations_conversation (shop_id, external_id, buyer_id, entry, question, order_status, \
state, holder_id, offline, labels, pool, unanswered_since, unanswered_seq, assigned_at, opened_at, opened_seq, \
closed_by, decision_count, imported, silence_stuck, silence_times, taken_from) VALUES (%s, %s, %s, 'goods_detail', \
'', 'none', 'open', %s, false, '[]', '', %s, %s, %s, %s, %s, '', 1, false, false, 0, '[]') RETURNING id"
COUNTER = "INSERT INTO routing_agentcounter (shop_id, sub_account_id, open, waiting_replies, received_today, \
offline_today, counted_on, last_assigned) VALUES (%s, %s, %s, %s, %s, 0, %s, %s) ON CONFLICT (sub_account_id) \
DO UPDATE SET open = EXCLUDED.open, waiting_replies = EXCLUDED.waiting_replies, \
received_today = EXCLUDED.received_today, last_assigned = EXCLUDED.last_assigned"
DECISION = "INSERT INTO routing_decision (shop_id, conversation_id, number, seq, at, trigger, outcome, agent_id, rule, \
pool, labels, push, version, trace, by_id, reason) VALUES (%s, %s, 1, %s, %s, 'opened', 'assigned', %s, 'PDD4', '', \
'[]', false, 1, %s, NULL, '') RETURNING id"
EVENT = "INSERT INTO routing_shopevent (shop_id, seq, at, kind, data) VALUES (%s, %s, %s, 'open', '{}') RETURNING id"
UPDATE_LANE = "UPDATE routing_lane SET seq = %s, assignments = %s, last_at = %s WHERE shop_id = %s"
CANDIDATES = {f"a{i:02}": {"load": 100, "max_concurrent": None} for i in range(20)}
TRACE = json.dumps([{"rule": "PDD4", "candidates": CANDIDATES, "excluded": {}}])


def open_bare(connection: "psycopg.Connection[Any]", shop: int, name: str) -> None:
    now = datetime.now(UTC)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(LANE, (shop,))
        lane: Any = cursor.fetchone()
        seq, assignments = lane[1] + 1, lane[2] + 1
        cursor.execute(AGENTS, (shop,))
        agents = cursor.fetchall()
        agent = agents[assignments % len(agents)]
        for query in (FIND, NAME, BUYER):
            cursor.execute(query, (shop, name))
            cursor.fetchall()
        cursor.execute(NEW_BUYER, (shop, name, agent[0], now))
        buyer: Any = cursor.fetchone()
        made = (shop, name, buyer[0], agent[0], now, seq, now, now, seq)
        cursor.execute(CONVERSATION, made)
        conversation: Any = cursor.fetchone()
        counts = ((agent[7] or 0) + 1, (agent[8] or 0) + 1, (agent[9] or 0) + 1)
        cursor.execute(COUNTER, (shop, agent[0], *counts, now.date(), assignments))
        cursor.execute(DECISION, (shop, conversation[0], seq, now, agent[0], TRACE))
        cursor.execute(EVENT, (shop, seq, now))
        cursor.execute(UPDATE_LANE, (seq, assignments, now, shop))
