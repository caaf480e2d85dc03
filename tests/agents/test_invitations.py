"""A shop invites another shop's account; its holder answers (DESIGN 8)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.errors import Refused
from agents.models import Account, AuditEntry, Invitation, Shop, SubAccount
from agents.services import accept_invitation, decline_invitation, invite_account, withdraw_invitation
from agents.services.invitations import LASTS
from agents.vocabulary import AuditAction, Role
from tests.agents.factories import actor_of, make_account, make_invitation, make_member, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def guest() -> Account:
    return make_member(make_shop("home", "kuaishou"), name="guest").account


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_nothing_is_there_until_the_holder_accepts(shop: Shop, guest: Account) -> None:
    invitation = make_invitation(shop, guest, "agent", "logistics_agent")
    assert not SubAccount.objects.filter(shop=shop, account=guest).exists()
    place = accept_invitation(account=guest, pk=invitation.pk)
    assert (place.shop, place.roles, place.enabled) == (shop, ["agent", "logistics_agent"], True)
    assert guest.home_shop != shop


def test_who_declines_has_no_place_and_can_be_asked_again(shop: Shop, guest: Account) -> None:
    first = make_invitation(shop, guest)
    decline_invitation(account=guest, pk=first.pk)
    assert not SubAccount.objects.filter(shop=shop, account=guest).exists()
    assert make_invitation(shop, guest).pk != first.pk


def test_asking_twice_is_one_invitation_with_the_last_roles(shop: Shop, guest: Account) -> None:
    make_invitation(shop, guest, "agent")
    make_invitation(shop, guest, "agent")
    assert AuditEntry.objects.filter(action=AuditAction.SUB_ACCOUNT_INVITED).count() == 1
    make_invitation(shop, guest, "operations")
    assert [row.roles for row in Invitation.objects.all()] == [["operations"]]


def test_two_shops_may_ask_the_same_account(shop: Shop, guest: Account) -> None:
    make_invitation(shop, guest)
    make_invitation(make_shop("third"), guest)
    assert Invitation.objects.count() == 2


@pytest.mark.parametrize("late", [LASTS, LASTS + timedelta(days=9)])
def test_after_fourteen_days_it_is_void(shop: Shop, guest: Account, late: timedelta) -> None:
    invitation = make_invitation(shop, guest)
    with pytest.raises(Refused) as caught:
        accept_invitation(account=guest, pk=invitation.pk, now=invitation.created_at + late)
    assert caught.value.code == "invitation_closed"
    assert not SubAccount.objects.filter(shop=shop, account=guest).exists()


def test_a_void_one_is_renewed_by_asking_again(shop: Shop, guest: Account) -> None:
    past = timezone.now() - timedelta(days=30)
    main = make_member(shop, Role.MAIN)
    first = invite_account(actor=actor_of(main), account="guest", now=past)
    again = invite_account(actor=actor_of(main), account="guest")
    assert (again.pk, again.is_open(timezone.now())) == (first.pk, True)
    assert AuditEntry.objects.filter(action=AuditAction.SUB_ACCOUNT_INVITED).count() == 2


@pytest.mark.parametrize("first", ["accept", "decline", "withdraw"])
@pytest.mark.parametrize("second", ["accept", "decline", "withdraw"])
def test_it_is_answered_once(shop: Shop, guest: Account, first: str, second: str) -> None:
    invitation = make_invitation(shop, guest)
    main = actor_of(make_member(shop, Role.MAIN))
    how = {
        "accept": lambda: accept_invitation(account=guest, pk=invitation.pk),
        "decline": lambda: decline_invitation(account=guest, pk=invitation.pk),
        "withdraw": lambda: withdraw_invitation(actor=main, pk=invitation.pk),
    }
    how[first]()
    with pytest.raises(Refused) as caught:
        how[second]()
    assert (caught.value.code, caught.value.status) == ("invitation_closed", 409)


def refused(shop: Shop, account: str, role: str = "main", **fields: object) -> Refused:
    with pytest.raises(Refused) as caught:
        invite_account(actor=actor_of(make_member(shop, role)), account=account, **fields)
    assert not Invitation.objects.exists()
    return caught.value


def test_an_unknown_name_is_refused_in_words(shop: Shop) -> None:
    error = refused(shop, "nobody")
    assert (error.code, error.field) == ("unknown_account", "account")
    assert "nobody" in str(error.message)


def test_who_may_not_sign_in_counts_as_unknown(shop: Shop, guest: Account) -> None:
    Account.objects.filter(pk=guest.pk).update(is_active=False)
    assert refused(shop, "guest").code == "unknown_account"


@pytest.mark.parametrize(("enabled", "words"), [(True, "已经在本店"), (False, "停用")])
def test_who_is_in_the_shop_already_is_not_invited(shop: Shop, guest: Account, enabled: bool, words: str) -> None:
    make_member(shop, account=guest, enabled=enabled)
    error = refused(shop, "guest")
    assert (error.code, error.field) == ("already_in_shop", "account")
    assert words in str(error.message)


def test_who_runs_the_installation_is_not_invited(shop: Shop) -> None:
    assert refused(shop, make_account("root", operator=True).account).code == "may_not_be_invited"


def test_an_admin_invites_nobody_as_main_account_and_withdraws_no_such_invitation(shop: Shop, guest: Account) -> None:
    error = refused(shop, "guest", "admin", roles=["main"])
    assert (error.code, error.field, error.status) == ("forbidden", "roles", 403)
    invitation = make_invitation(shop, guest, "main")
    with pytest.raises(Refused, match="主账号"):
        withdraw_invitation(actor=actor_of(make_member(shop, "admin")), pk=invitation.pk)
    assert Invitation.objects.get().state == "pending"


@pytest.mark.parametrize(
    ("fields", "field"), [({"roles": ["boss"]}, "roles"), ({"max_concurrent": 0}, "max_concurrent")]
)
def test_wrong_roles_or_caps_are_refused_at_once(shop: Shop, guest: Account, fields: dict, field: str) -> None:
    assert refused(shop, "guest", **fields).field == field


def test_another_shop_withdraws_nothing(shop: Shop, guest: Account) -> None:
    invitation = make_invitation(shop, guest)
    stranger = actor_of(make_member(make_shop("other"), Role.MAIN))
    with pytest.raises(Refused) as caught:
        withdraw_invitation(actor=stranger, pk=invitation.pk)
    assert caught.value.status == 404


def test_a_stranger_accepts_nothing(shop: Shop, guest: Account) -> None:
    invitation = make_invitation(shop, guest)
    with pytest.raises(Refused) as caught:
        accept_invitation(account=make_account("stranger"), pk=invitation.pk)
    assert caught.value.status == 404
    assert Invitation.objects.get().state == "pending"


def test_a_name_that_imported_history_left_gets_the_invited_login(shop: Shop, guest: Account) -> None:
    left = SubAccount.objects.create(shop=shop, name="guest", enabled=False)
    place = accept_invitation(account=guest, pk=make_invitation(shop, guest).pk)
    assert (place.pk, place.account) == (left.pk, guest)


def test_asking_answering_and_taking_back_stand_in_the_audit_log(shop: Shop, guest: Account) -> None:
    invitation = make_invitation(shop, guest)
    accept_invitation(account=guest, pk=invitation.pk)
    told = AuditEntry.objects.filter(shop=shop, subject="guest").order_by("pk")
    assert [entry.action for entry in told] == ["sub_account_invited", "invitation_answered", "sub_account_added"]
    assert told[1].after == {"state": "accepted"}


def test_the_holder_of_one_shop_sees_the_invitation_on_the_home_page_first(shop: Shop, guest: Account) -> None:
    client = signed_in(guest)
    assert client.get(reverse("home")).status_code == 302
    invitation = make_invitation(shop, guest)
    page = client.get(reverse("home")).content.decode()
    assert shop.name in page
    assert reverse("invitation_answer", args=[invitation.pk]) in page


def test_every_page_of_the_holder_says_that_an_invitation_waits(shop: Shop, guest: Account) -> None:
    client = signed_in(guest)
    page = reverse("password")
    assert "有邀请等你答复" not in client.get(page).content.decode()
    invitation = make_invitation(shop, guest)
    assert "有邀请等你答复" in client.get(page).content.decode()
    decline_invitation(account=guest, pk=invitation.pk)
    assert "有邀请等你答复" not in client.get(page).content.decode()


def test_who_is_in_no_shop_sees_the_invitation_too(shop: Shop) -> None:
    loose = make_account("loose")
    make_invitation(shop, loose)
    assert shop.name in signed_in(loose).get(reverse("home")).content.decode()
