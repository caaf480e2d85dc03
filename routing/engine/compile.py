"""From a routing document to settings that can decide."""

from collections.abc import Callable
from datetime import datetime, timedelta

from agents.vocabulary import Platform
from routing.engine import douyin, kuaishou, pinduoduo, taobao
from routing.engine.document import Document
from routing.engine.settings import Place, RecentContact, Settings, Silence, Step

PLATFORMS: dict[Platform, Callable[[Document], tuple[Step, ...]]] = {
    Platform.PINDUODUO: pinduoduo.steps,
    Platform.KUAISHOU: kuaishou.steps,
    Platform.DOUYIN: douyin.steps,
    Platform.TAOBAO: taobao.steps,
}

PLACES: dict[Platform, Callable[[Document], Place]] = {
    Platform.PINDUODUO: pinduoduo.place,
    Platform.KUAISHOU: kuaishou.place,
    Platform.DOUYIN: douyin.place,
    Platform.TAOBAO: taobao.place,
}


def compile_settings(document: Document, platform: Platform, version: int, at: datetime | None = None) -> Settings:
    """`document` must be whole (`read_document`); `at` is when it takes effect."""
    recent = document["recent_contact"]
    hours = recent["within_hours"]
    minutes, silence = document["auto_close_minutes"], document["silence"]
    return Settings(
        platform=platform,
        version=version,
        at=at,
        document=document,
        steps=PLATFORMS[platform](document),
        place=PLACES[platform](document),
        recent_contact=RecentContact(
            enabled=recent["enabled"],
            within=None if hours is None else timedelta(hours=hours),
            respect_max_concurrent=recent["respect_max_concurrent"],
        ),
        offline_enabled=document["offline"]["enabled"],
        offline_agents=tuple(sorted(document["offline"]["agents"])),
        never_route=frozenset(document["never_route"]),
        auto_close=None if minutes is None else timedelta(minutes=minutes),
        silence=Silence(timedelta(seconds=silence["after_seconds"]), silence["times"]) if silence["enabled"] else None,
        minds_replies="busy_threshold" in document,
        timed=minutes is not None or silence["enabled"],
    )
