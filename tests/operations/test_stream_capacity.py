"""The numbers of nginx's files and of the product's settings carry each other."""

import re
from pathlib import Path

from django.conf import settings

NGINX = Path(__file__).resolve().parent.parent.parent / "deploy/nginx"
PROCESSES = 2
"""Web processes of the shipped units."""


def number(file: str, pattern: str) -> int:
    found = re.search(pattern, (NGINX / file).read_text())
    assert found is not None, pattern
    return int(found[1])


def test_a_worker_of_nginx_carries_the_streams_of_all_web_processes_and_more() -> None:
    connections = number("nginx.conf", r"worker_connections (\d+);")
    assert connections // 2 >= PROCESSES * settings.STREAMS_PER_PROCESS
    assert number("nginx.conf", r"worker_rlimit_nofile (\d+);") >= 2 * connections


def test_nginx_lets_through_what_the_processes_together_take_from_an_address() -> None:
    assert number("fenliu.conf", r"limit_conn fenliu_streams (\d+);") == PROCESSES * settings.STREAMS_PER_ADDRESS


def test_nginx_takes_no_larger_body_than_the_product() -> None:
    assert number("fenliu.conf", r"client_max_body_size (\d+)m;") * 1024**2 >= settings.MAX_IMAGE_BYTES
