"""Pages of metrics: the workbench with its countdowns, the day's rates, penalties, the shop at a glance."""

from django.urls import path

from metrics.views import (
    day_detail,
    definitions,
    overview,
    penalties,
    rates,
    record,
    replay,
    reports,
    shares,
    shops,
    threads,
    trend,
    wall,
    workbench,
)

_SHOP = "s/<slug:shop>"

urlpatterns = [
    path("shops/state/", shops.shops_at_once, name="shops_at_once"),
    path("shops/state/export/", shops.shops_export, name="shops_export"),
    path(f"{_SHOP}/conversations/", workbench.conversations, name="conversations"),
    path(f"{_SHOP}/conversations/list/", workbench.conversations_list, name="conversations_list"),
    path(f"{_SHOP}/conversations/<int:pk>/", workbench.conversation, name="conversation"),
    path(f"{_SHOP}/conversations/search/", workbench.conversations_search, name="conversations_search"),
    path(f"{_SHOP}/conversations/<int:pk>/thread/", threads.conversation_thread, name="conversation_thread"),
    path(f"{_SHOP}/conversations/<int:pk>/aside/", threads.conversation_aside, name="conversation_aside"),
    path(f"{_SHOP}/conversations/<int:pk>/earlier/", threads.conversation_earlier, name="conversation_earlier"),
    path(f"{_SHOP}/records/<int:pk>/", record.record, name="record"),
    path(f"{_SHOP}/wall/", wall.wall, name="wall"),
    path(f"{_SHOP}/wall/<str:account>/status/", wall.wall_status, name="wall_status"),
    path(f"{_SHOP}/wall/<str:account>/ask-back/", wall.wall_ask_back, name="wall_ask_back"),
    path(f"{_SHOP}/overview/", overview.shop_overview, name="shop_overview"),
    path(f"{_SHOP}/reply-rates/", rates.reply_rates_page, name="reply_rates"),
    path(f"{_SHOP}/reply-rates/detail/", day_detail.rates_detail, name="rates_detail"),
    path(f"{_SHOP}/reply-rates/detail/export/", day_detail.rates_detail_export, name="rates_detail_export"),
    path(f"{_SHOP}/reply-rates/trend/", trend.rates_trend, name="rates_trend"),
    path(f"{_SHOP}/reply-rates/trend/export/", trend.rates_trend_export, name="rates_trend_export"),
    path(f"{_SHOP}/reports/", reports.reports, name="reports"),
    path(f"{_SHOP}/reports/export/", reports.reports_export, name="reports_export"),
    path(f"{_SHOP}/shares/", shares.shares_page, name="shares"),
    path(f"{_SHOP}/shares/export/", shares.shares_export, name="shares_export"),
    path(f"{_SHOP}/definitions/", definitions.definitions, name="definitions"),
    path(f"{_SHOP}/definitions/<slug:metric>/", definitions.definition_edit, name="definition_edit"),
    path(f"{_SHOP}/definitions/<slug:metric>/preview/", definitions.definition_preview, name="definition_preview"),
    path(f"{_SHOP}/routing/replays/", replay.replay_start, name="replay_start"),
    path(f"{_SHOP}/routing/replays/<int:pk>/", replay.replay_state, name="replay_state"),
    path(f"{_SHOP}/routing/replays/<int:pk>/cancel/", replay.replay_cancel, name="replay_cancel"),
    path(f"{_SHOP}/penalties/", penalties.penalties, name="penalties"),
    path(f"{_SHOP}/penalties/export/", penalties.penalties_export, name="penalties_export"),
    path(f"{_SHOP}/penalties/rates/export/", penalties.penalty_rates_export, name="penalty_rates_export"),
    path(f"{_SHOP}/penalties/black-room/", penalties.black_room, name="penalty_black_room"),
    path(f"{_SHOP}/penalties/<int:pk>/mark/", penalties.mark, name="penalty_mark"),
]
