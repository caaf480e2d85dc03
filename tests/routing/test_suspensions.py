"""A home shop that changes how an account signs in reaches none of its places in other shops with it."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.errors import Refused
from agents.models import Account, AuditEntry, Invitation, PresenceLease, Shop, SubAccount
from agents.selectors import actor_in
from agents.services import accept_invitation, attach_account, change_password, suspend_guest_places
from agents.vocabulary import AuditAction, Role, SuspensionReason
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from routing.stream.readers import member_views
from tests.agents.factories import actor_of, make_account, make_invitation, make_member, make_shop
from tests.routing.page import client_of

pytestmark = pytest.mark.django_db
GIVEN, OWN = "given-by-the-owner-7", "chosen-by-the-holder-7"


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def home() -> Shop:
    return make_shop("home", "kuaishou")


@pytest.fixture
def owner(home: Shop) -> SubAccount:
    return make_member(home, Role.MAIN, name="owner")


@pytest.fixture
def elsewhere() -> Shop:
    return make_shop("elsewhere")


@pytest.fixture
def host(elsewhere: Shop) -> SubAccount:
    """The main account of the other shop."""
    return make_member(elsewhere, Role.MAIN, name="host")


@pytest.fixture
def guest(home: Shop, elsewhere: Shop, host: SubAccount) -> SubAccount:
    """An account of the home shop, as an agent in the other one."""
    member = make_member(home, name="guest")
    return attach_account(shop=elsewhere, account=member.account)


def reset(owner: SubAccount, account: Account) -> None:
    own = SubAccount.objects.select_related("shop", "account").get(shop=owner.shop, account=account)
    services.reset_password(actor=actor_of(owner), sub_account=own, password=GIVEN)
    account.refresh_from_db()


def signed_in(account: Account, password: str) -> Client:
    client = Client()
    answer = client.post(reverse("sign_in"), {"username": account.account, "password": password})
    assert answer.status_code == 302
    return client


def test_the_owner_who_reset_the_password_sees_nothing_of_the_other_shop(owner, guest, elsewhere) -> None:
    row = services.open_conversation(shop=elsewhere, buyer="b1", entry="goods_detail").conversation
    services.set_presence(shop=elsewhere, agent="guest", status="online")
    row.refresh_from_db()
    assert row.holder == guest
    reset(owner, guest.account)

    client = signed_in(guest.account, GIVEN)
    first = client.get(f"/s/elsewhere/conversations/{row.pk}/")
    assert (first.status_code, first.headers["Location"]) == (302, "/password/"), "a given password is changed first"
    Account.objects.filter(pk=guest.account.pk).update(must_change_password=False)
    assert client.get(f"/s/elsewhere/conversations/{row.pk}/").status_code == 404
    assert client.get(f"/api/v1/shops/elsewhere/conversations/{row.pk}/messages/").status_code == 404
    assert client.get("/api/v1/shops/elsewhere/conversations/").status_code == 404
    assert "elsewhere" not in client.get("/").content.decode()
    token = client.post(
        "/api/v1/auth/token/", {"account": "guest", "password": GIVEN}, content_type="application/json"
    ).json()["token"]
    with_token = Client(headers={"Authorization": f"Token {token}"})
    assert with_token.get("/api/v1/shops/elsewhere/conversations/").status_code == 404
    assert elsewhere.pk not in member_views({guest.account_id}).get(guest.account_id, {})


def test_the_place_at_home_goes_on(owner, guest, home) -> None:
    reset(owner, guest.account)
    own = SubAccount.objects.get(shop=home, account=guest.account)
    assert (own.enabled, own.suspended_at) == (True, None)
    assert actor_in(guest.account, "home") is not None


def test_the_other_shop_s_audit_tells_of_it_and_names_the_shop_alone(owner, guest, elsewhere) -> None:
    reset(owner, guest.account)
    entry = AuditEntry.objects.get(shop=elsewhere, action=AuditAction.SUB_ACCOUNT_SUSPENDED)
    assert (entry.subject, entry.by, entry.address) == ("guest", None, "")
    assert entry.by_name == str(owner.shop)
    assert entry.after == {"enabled": False, "suspension": "password_reset"}


def test_presence_ends_and_the_buyers_who_wait_go_to_others(owner, guest, elsewhere) -> None:
    other = make_member(elsewhere, name="other")
    services.set_presence(shop=elsewhere, agent="guest", status="online", lease=True)
    row = services.open_conversation(shop=elsewhere, buyer="b1", entry="goods_detail").conversation
    services.set_presence(shop=elsewhere, agent="other", status="online")
    reset(owner, guest.account)
    row.refresh_from_db()
    guest.refresh_from_db()
    assert (row.holder, guest.status) == (other, "offline")
    assert not PresenceLease.objects.filter(sub_account=guest).exists()
    again = services.open_conversation(shop=elsewhere, buyer="b2", entry="goods_detail").conversation
    assert again.holder == other


def test_a_suspension_that_was_cut_short_is_finished_by_the_sweep(guest, home, elsewhere) -> None:
    services.set_presence(shop=elsewhere, agent="guest", status="online")
    suspend_guest_places(account=guest.account, by=home, reason=SuspensionReason.SECOND_FACTOR_RESET)
    assert services.overdue_shops() == [elsewhere]
    assert services.lapse_leases(shop=elsewhere) == 1
    assert SubAccount.objects.get(pk=guest.pk).status == "offline"
    assert services.overdue_shops() == []


def test_an_invitation_that_waits_is_withdrawn(owner, guest) -> None:
    third = make_shop("third")
    invitation = make_invitation(third, guest.account)
    reset(owner, guest.account)
    with pytest.raises(Refused) as refused:
        accept_invitation(account=guest.account, pk=invitation.pk)
    assert refused.value.code == "invitation_closed"
    assert Invitation.objects.get().state == "withdrawn"
    assert AuditEntry.objects.get(shop=third, action=AuditAction.INVITATION_ANSWERED).by_name == str(owner.shop)


def test_a_place_that_is_disabled_is_suspended_too(owner, guest, host) -> None:
    services.change_sub_account(shop=guest.shop, agent="guest", enabled=False)
    reset(owner, guest.account)
    guest.refresh_from_db()
    assert guest.suspension == "password_reset"


def test_a_refused_reset_suspends_nothing(owner, guest) -> None:
    own = SubAccount.objects.select_related("shop", "account").get(shop=owner.shop, account=guest.account)
    with pytest.raises(Refused):
        services.reset_password(actor=actor_of(owner), sub_account=own, password="1")
    guest.refresh_from_db()
    assert (guest.enabled, guest.suspended_at) == (True, None)


def test_the_last_main_account_is_suspended_too_and_an_operator_lifts_it(owner, home) -> None:
    shop = make_shop("orphan")
    place = attach_account(shop=shop, account=make_member(home, name="both").account, roles=[Role.MAIN])
    reset(owner, place.account)
    change_password(account=place.account, old_password=GIVEN, new_password=OWN)
    operator = Client()
    operator.force_login(make_account("operator", operator=True))
    assert operator.post("/s/orphan/sub-accounts/both/enabled/", {"enabled": "1"}).status_code in (204, 302)
    assert SubAccount.objects.get(pk=place.pk).enabled


@pytest.mark.parametrize("way", ["page", "api"])
def test_the_suspension_ends_only_after_the_holder_has_chosen_a_password(owner, guest, host, way: str) -> None:
    reset(owner, guest.account)
    client = client_of(host)

    def lift() -> int:
        if way == "page":
            url = reverse("sub_account_enable", args=["elsewhere", "guest"])
            return client.post(url, {"enabled": "1"}, headers={"HX-Request": "true"}).status_code
        url = "/api/v1/shops/elsewhere/sub-accounts/guest/"
        return client.patch(url, {"enabled": True}, content_type="application/json").status_code

    assert lift() == 409
    assert not SubAccount.objects.get(pk=guest.pk).enabled
    change_password(account=guest.account, old_password=GIVEN, new_password=OWN)
    assert not SubAccount.objects.get(pk=guest.pk).enabled, "signing in and choosing a password lifts nothing by itself"
    assert lift() in (200, 204)
    place = SubAccount.objects.get(pk=guest.pk)
    assert (place.enabled, place.suspended_at, place.suspension) == (True, None, "")
    entry = AuditEntry.objects.get(shop=guest.shop, action=AuditAction.SUSPENSION_LIFTED)
    assert (entry.subject, entry.by) == ("guest", host.account)


def test_a_second_reset_asks_for_another_password_of_the_holder_s(owner, guest, host) -> None:
    reset(owner, guest.account)
    change_password(account=guest.account, old_password=GIVEN, new_password=OWN)
    reset(owner, guest.account)
    with pytest.raises(Refused) as refused:
        services.change_sub_account(shop=guest.shop, agent="guest", enabled=True)
    assert (refused.value.code, refused.value.status) == ("password_not_chosen", 409)


def test_the_own_password_suspends_nothing(guest, home) -> None:
    account = guest.account
    account.set_password(GIVEN)
    account.save()
    change_password(account=account, old_password=GIVEN, new_password=OWN)
    assert SubAccount.objects.get(pk=guest.pk).enabled


def test_a_new_display_name_is_told_in_the_other_shop_and_suspends_nothing(guest, home, elsewhere) -> None:
    services.change_sub_account(shop=home, agent="guest", display_name="店长本人")
    entry = AuditEntry.objects.get(shop=elsewhere, action=AuditAction.SUB_ACCOUNT_CHANGED)
    assert (entry.before, entry.after) == ({"display_name": ""}, {"display_name": "店长本人"})
    assert (entry.by_name, entry.address) == (str(home), "")
    assert SubAccount.objects.get(pk=guest.pk).enabled


def test_disabling_at_home_touches_neither_the_login_nor_the_other_place(owner, guest, home) -> None:
    services.change_sub_account(shop=home, agent="guest", enabled=False)
    services.change_sub_account(shop=home, agent="guest", enabled=True)
    assert SubAccount.objects.get(pk=guest.pk).enabled


def test_the_page_of_the_other_shop_says_why_and_has_the_button(owner, guest, host) -> None:
    reset(owner, guest.account)
    html = client_of(host).get(reverse("sub_accounts", args=["elsewhere"])).content.decode()
    assert "已暂停" in html
    assert "所属店铺重置了它的密码" in html
    assert "解除暂停" in html
    audit = client_of(host).get(reverse("audit", args=["elsewhere"])).content.decode()
    assert "子账号已暂停" in audit


def test_the_holder_is_told_and_no_shop_is_named(owner, guest) -> None:
    reset(owner, guest.account)
    Account.objects.filter(pk=guest.account.pk).update(must_change_password=False)
    html = signed_in(guest.account, GIVEN).get("/").content.decode()
    assert "你在其他店铺的位置已暂停" in html
    assert "elsewhere" not in html


def test_the_api_tells_of_it(owner, guest, host) -> None:
    reset(owner, guest.account)
    row = client_of(host).get("/api/v1/shops/elsewhere/sub-accounts/guest/").json()
    assert (row["enabled"], row["suspension"], row["suspended_at"] is not None) == (False, "password_reset", True)


def test_a_suspended_place_cannot_be_enabled_in_the_database(guest) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SubAccount.objects.filter(pk=guest.pk).update(suspended_at=timezone.now(), enabled=True)


def test_a_conversation_of_the_shop_is_untouched_by_the_suspension(owner, guest, elsewhere) -> None:
    """Answered conversations keep their holder's name; nothing is closed or lost."""
    services.set_presence(shop=elsewhere, agent="guest", status="online")
    row = services.open_conversation(shop=elsewhere, buyer="b1", entry="goods_detail").conversation
    services.post_message(shop=elsewhere, conversation=row.external_id, sender=Sender.AGENT, text="您好")
    reset(owner, guest.account)
    assert Conversation.objects.get(pk=row.pk).state == "open"
