"""The path under which the installation stands: read from the environment, taken off requests, kept by links."""

import pytest
from django.test import override_settings
from django.urls import get_script_prefix

from core.http.prefix import parse_prefix, take_prefix_off
from outgoing.services.sweeping import Crew


@pytest.mark.parametrize(("given", "prefix"), [("", ""), ("/", ""), ("/kefu", "/kefu"), (" /a/b-c/ ", "/a/b-c")])
def test_a_prefix_is_a_path(given: str, prefix: str) -> None:
    assert parse_prefix(given) == prefix


@pytest.mark.parametrize("given", ["kefu", "https://example.cn/kefu", "/ke fu", "/a//b", "/ä", "/a?b"])
def test_what_is_no_path_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="FENLIU_PREFIX must be a path such as /kefu"):
        parse_prefix(given)


@pytest.mark.parametrize(
    ("path", "within"),
    [("/kefu/s/a/", "/s/a/"), ("/kefu", "/"), ("/kefu/", "/"), ("/kefuer/", "/kefuer/"), ("/readyz", "/readyz")],
)
def test_the_prefix_is_taken_off_once(path: str, within: str) -> None:
    scope = {"path": path}
    take_prefix_off(scope, "/kefu")
    assert scope == {"path": within, "root_path": "/kefu"}


@override_settings(PREFIX="/kefu")
def test_a_thread_that_sends_makes_links_with_the_prefix() -> None:
    crew = Crew()
    found: list[str] = []
    future = crew.take(("test", 1), ("shop", 1), lambda: found.append(get_script_prefix()))
    assert future is not None
    future.result(10)
    assert found == ["/kefu/"]
