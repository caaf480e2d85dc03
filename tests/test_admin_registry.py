"""The permissions of operators in /admin/, held against a list that a new model has to be put on."""

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from agents.models import Account
from tests.agents.factories import make_account

ADD = {"routing.RoutingSettings"}
CHANGE = {"agents.Account", "agents.Shop", "routing.RoutingSettings"}
DELETE: set[str] = set()
OWN_APPS = {"agents", "chat", "config", "conversations", "metrics", "outgoing", "routing"}
FOREIGN: set[str] = set()


def registered(permission: str) -> set[str]:
    request = RequestFactory().get("/admin/")
    request.user = Account(is_superuser=True, is_operator=True, is_active=True)
    return {
        model._meta.label
        for model, shown in admin.site._registry.items()
        if getattr(shown, f"has_{permission}_permission")(request)
    }


def test_operators_add_change_and_delete_what_is_listed_here_and_nothing_else() -> None:
    assert registered("add") == ADD
    assert registered("change") == CHANGE
    assert registered("delete") == DELETE


def test_of_other_packages_only_what_is_listed_here_is_shown() -> None:
    shown = {model._meta.label for model in admin.site._registry}
    assert {label for label in shown if label.split(".")[0] not in OWN_APPS} == FOREIGN


def test_inlines_add_change_and_delete_no_more_than_their_page() -> None:
    request = RequestFactory().get("/admin/")
    request.user = Account(is_superuser=True, is_operator=True, is_active=True)
    for model, shown in admin.site._registry.items():
        if model._meta.label in CHANGE:
            continue
        for inline in shown.get_inline_instances(request):
            for permission in ("add", "change", "delete"):
                assert not getattr(inline, f"has_{permission}_permission")(request, None), (model, inline)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["schedule/add/", "schedule/", "ormq/", "success/", "failure/"])
def test_the_job_runner_s_tables_are_not_there(path: str, client: Client) -> None:
    client.force_login(make_account(operator=True))
    data = {"func": "os.system", "args": "'id'", "schedule_type": "O", "repeats": "1"}
    assert client.get(f"/admin/django_q/{path}").status_code == 404
    assert client.post(f"/admin/django_q/{path}", data).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        "agents/account/?password__startswith=pbkdf2",
        "agents/authtoken/?digest__startswith=a",
        "outgoing/outlet/?secret__startswith=a",
        "conversations/message/?text__contains=a",
        "conversations/buyer/?external_id__startswith=b",
        "conversations/message/?shop__conversations__messages__text__contains=a",
        "routing/decision/?reason__contains=a",
        "metrics/buyerday/?buyer__external_id=b",
    ],
)
def test_a_list_s_address_is_no_way_to_guess_what_its_page_leaves_out(asked: str, client: Client) -> None:
    client.force_login(make_account(operator=True))
    assert client.get(f"/admin/{asked}").status_code == 400
    assert client.get(f"/admin/{asked.partition('?')[0]}").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["conversations/message/?sender__exact=buyer", "agents/account/?is_active__exact=1"])
def test_the_lookups_that_filters_offer_are_allowed(page: str, client: Client) -> None:
    client.force_login(make_account(operator=True))
    assert client.get(f"/admin/{page}").status_code == 200
