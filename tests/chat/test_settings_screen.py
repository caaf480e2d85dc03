"""买家聊天 among the shop's settings: on and off, the websites, the one line, the log."""

import pytest
from django.test import Client

from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction, Role
from chat.models import ChatSettings
from chat.origins import BadOrigin, read_origin
from tests.agents.factories import make_member, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop("xiaoman")


@pytest.fixture
def owner(shop: Shop) -> Client:
    client = Client()
    client.force_login(make_member(shop, Role.MAIN, name="boss").account)
    return client


URL = "/s/xiaoman/chat/"


def save(owner: Client, **data: str) -> tuple[int, str]:
    answer = owner.post(f"{URL}save/", {"on": "1"} | data)
    return answer.status_code, answer.content.decode()


def test_it_is_off_until_somebody_switches_it_on(owner: Client, shop: Shop) -> None:
    page = owner.get(URL).content.decode()
    assert "未启用" in page and "以买家身份试一试" not in page
    assert Client().get("/chat/xiaoman/").status_code == 404
    assert save(owner, origins="https://www.example.com/ \n\nhttp://127.0.0.1:9000")[0] == 302
    row = ChatSettings.objects.get(shop=shop)
    assert (row.on, row.origins) == (True, ["https://www.example.com", "http://127.0.0.1:9000"])
    page = owner.get(URL).content.decode()
    assert "可放的网站：2 个" in page and "以买家身份试一试" in page
    assert "&lt;script src=&quot;http://testserver/chat/xiaoman/widget.js&quot; async&gt;&lt;/script&gt;" in page
    assert Client().get("/chat/xiaoman/").status_code == 200


def test_a_wrong_website_is_told_at_its_field_with_its_line_and_nothing_is_changed(owner: Client, shop: Shop) -> None:
    status, page = save(owner, origins="https://ok.example.com\nexample.com", title="小满")
    assert status == 422
    assert "第 2 行“example.com”：要以 https:// 或 http:// 开头。" in page
    assert 'aria-describedby="id_origins_error"' in page
    assert "https://ok.example.com" in page and 'value="小满"' in page
    assert not ChatSettings.objects.exists()


def test_a_title_that_is_too_long_is_told_at_its_field(owner: Client) -> None:
    status, page = save(owner, title="长" * 31)
    assert status == 422
    assert 'aria-describedby="id_title_error"' in page


def test_each_saving_is_in_the_log_with_what_differed(owner: Client, shop: Shop) -> None:
    save(owner, welcome="每天 8:00–23:00", origins="https://a.example")
    save(owner, welcome="每天 8:00–23:00", origins="https://a.example\nhttps://b.example")
    save(owner, welcome="每天 8:00–23:00", origins="https://a.example\nhttps://b.example")
    entries = AuditEntry.objects.filter(shop=shop, action=AuditAction.CHAT_CHANGED).order_by("pk")
    assert [entry.after for entry in entries][1:] == [{"origins": ["https://a.example", "https://b.example"]}]
    log = owner.get("/s/xiaoman/audit/").content.decode()
    assert "修改买家聊天" in log and "https://b.example" in log


def test_who_may_only_look_finds_no_button(shop: Shop) -> None:
    client = Client()
    client.force_login(make_member(shop, Role.CS_MANAGER).account)
    page = client.get(URL).content.decode()
    assert "disabled" in page and "保存" not in page
    assert "买家聊天" in page


def test_the_title_and_the_line_below_it_stand_in_the_chat(owner: Client) -> None:
    save(owner, title="小满<i>客服</i>", welcome="每天 8:00–23:00 在线")
    page = Client().get("/chat/xiaoman/").content.decode()
    assert "小满&lt;i&gt;客服&lt;/i&gt;" in page and "每天 8:00–23:00 在线" in page


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://www.example.com", "https://www.example.com"),
        (" HTTPS://Shop.Example.com:443/ ", "https://shop.example.com"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://商店.中国", "https://xn--czrs0t.xn--fiqs8s"),
    ],
)
def test_an_origin_is_kept_as_browsers_name_it(given: str, read: str) -> None:
    assert read_origin(given) == read


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("www.example.com", "scheme"),
        ("ftp://example.com", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("null", "scheme"),
        ("https://*.example.com", "host"),
        ("https://", "host"),
        ("https://exa mple.com", "host"),
        ("https://a;script-src *", "host"),
        ("https://example.com'", "host"),
        ("https://example.com:99999", "port"),
        ("https://example.com:x", "port"),
        ("https://example.com/shop", "more"),
        ("https://example.com?x", "more"),
        ("https://user@example.com", "more"),
        ("https://" + "a" * 300 + ".com", "long"),
    ],
)
def test_what_is_no_origin_is_refused_with_the_reason(given: str, why: str) -> None:
    with pytest.raises(BadOrigin, match=why):
        read_origin(given)
