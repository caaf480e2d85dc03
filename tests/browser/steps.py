"""What people and programs do in the browser tests: by the words on the screen; each step waits for what it brings."""

import json
import re
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import FrameLocator, Locator, Page, expect

from agents.models import Shop

SET = re.compile("去设置|更改")


class Program:
    """Another program, with a key of the shop, calls the API."""

    def __init__(self, url: str, shop: Shop, key: str) -> None:
        self.base = f"{url}/api/v1/shops/{shop.slug}/"
        self.key = key

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        request = Request(
            self.base + path,
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Token {self.key}", "Content-Type": "application/json"},
        )
        with urlopen(request) as response:
            return dict(json.loads(response.read()))

    def opens(self, buyer: str, **body: Any) -> dict[str, Any]:
        return self.post("conversations/", buyer=buyer, **body)

    def says(self, conversation: object, text: str) -> dict[str, Any]:
        return self.post(f"conversations/{conversation}/messages/", sender="buyer", text=text)


class SettingsScreen:
    """分流设置 as its owner uses it."""

    def __init__(self, page: Page, shop: Shop) -> None:
        self.page = page
        self.home = f"/s/{shop.slug}/"

    def enter(self) -> "SettingsScreen":
        """By the navigation, as everybody comes."""
        self.page.goto(self.home)
        self.page.get_by_role("navigation").get_by_role("link", name="分流设置").click()
        expect(self.page.get_by_role("heading", name="分流设置", level=1)).to_be_visible()
        # The heading is painted before the deferred scripts have run: a key pressed then would reach nobody.
        self.page.wait_for_load_state("load")
        return self

    def tab(self, name: str) -> None:
        tabs = self.page.get_by_role("navigation", name="设置分类")
        tabs.get_by_role("link", name=name).click()
        expect(tabs.locator("[aria-current=page]")).to_contain_text(name)

    # -- the dialog in which people are picked ---------------------------------------------

    @property
    def picker(self) -> Locator:
        return self.page.get_by_role("dialog")

    def place(self, title: str) -> Locator:
        """The card of a page, an entry's list, a question or the offline list."""
        return self.page.locator(".place-card").filter(has=self.page.get_by_role("heading", name=title, exact=True))

    def card(self, title: str) -> Locator:
        """The section of a group or an entry."""
        return self.page.locator("section.card").filter(has=self.page.get_by_role("heading", name=title, exact=True))

    def tick(self, *names: str) -> None:
        """In the open dialog: each searched for, ticked, then 确认."""
        expect(self.picker).to_be_visible()
        for name in names:
            self.picker.get_by_label("搜账号或昵称").fill(name)
            self.picker.locator("label[data-pick]:visible", has_text=name).click()
        expect(self.picker.locator("[data-chosen] .picker-line")).to_have_count(
            self.picker.locator("[data-pick] input:checked").count()
        )
        self.picker.get_by_role("button", name="确认").click()
        expect(self.picker).to_have_count(0)

    def pick(self, title: str, *names: str) -> None:
        """去设置 or 更改 of a place."""
        self.place(title).get_by_role("button", name=SET).click()
        self.tick(*names)

    # -- groups ----------------------------------------------------------------------------

    def add_group(self, name: str, *members: str) -> None:
        self.page.get_by_label("新组的名字").fill(name)
        self.page.get_by_role("button", name="新建组").click()
        self.card(name).get_by_role("button", name="加客服").click()
        self.tick(*members)
        for member in members:
            expect(self.card(name).locator(".member", has_text=member)).to_be_visible()

    def bind(self, group: str, *statuses: str) -> None:
        for status in statuses:
            card = self.card(group)
            card.locator("summary", has_text="状态").click()
            card.locator(".menu-item", has_text=status).click()
            expect(card.get_by_role("button", name=f"解绑 {status}")).to_be_visible()

    def weigh(self, group: str, **weights: str) -> None:
        """Typed; the field is left, so that the form takes it over."""
        for member, weight in weights.items():
            field = self.card(group).locator(".member", has_text=member).get_by_label("权重")
            if field.input_value() != weight:
                self._type(field, weight)

    def type(self, label: str, text: str) -> None:
        """Into a single value of the form."""
        self._type(self.page.get_by_label(label), text)

    def _type(self, field: Locator, text: str) -> None:
        field.fill(text)
        with self.page.expect_response("**/routing/draft/"):
            field.press("Tab")
        expect(field).to_have_value(text)

    # -- publishing ------------------------------------------------------------------------

    def switch(self, label: str, *, on: bool) -> None:
        self.page.get_by_role("switch", name=label).set_checked(on)
        expect(self.page.get_by_role("switch", name=label)).to_be_checked(checked=on)
        expect(self.page.locator("[data-save-bar]")).to_be_visible()

    def publish(self, version: int) -> None:
        self.page.get_by_role("button", name=f"发布为版本 {version}").click()
        self.published(version)

    def published(self, version: int) -> None:
        expect(self.page.get_by_text(f"版本 {version} 已发布")).to_be_visible()
        expect(self.page.locator("[data-save-bar]")).to_be_hidden()

    def history(self) -> Locator:
        """The newest line of the versions' list."""
        self.page.get_by_role("link", name="查看历史").click()
        line = self.page.get_by_role("row").nth(1)
        expect(line).to_contain_text("使用中")
        return line


def write_to(chat: FrameLocator | Page, text: str) -> None:
    """As a buyer: type and send."""
    chat.get_by_label("您的消息").fill(text)
    chat.get_by_label("您的消息").press("Enter")


def message_in(chat: FrameLocator | Page, text: str) -> Locator:
    """A message of the buyer's chat."""
    return chat.get_by_role("log", name="消息").locator(".msg", has_text=text)
