"""Sub-accounts 子账号 (S3): list, add, roles and cap, password, disable."""

import json
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission, may, may_edit_sub_account, may_reset_password
from agents.selectors import sub_accounts_of
from agents.services import reset_password
from agents.views.access import shop_page
from agents.vocabulary import Role
from routing import services
from routing.forms.sub_accounts import ChangeForm, NewForm, RefusableForm, ResetForm
from routing.roster import people_of
from routing.views.settings import refusal
from routing.words import Person


@dataclass(frozen=True)
class Row:
    sub_account: SubAccount
    person: Person
    may_edit: bool
    may_reset: bool
    me: bool


@require_GET
@shop_page(Permission.SUB_ACCOUNTS_SEE)
def sub_accounts(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    people = people_of(shop)
    me = actor.sub_account.pk if actor.sub_account else None
    rows = [
        Row(
            row,
            people[row.name],
            may_edit_sub_account(actor, row.roles),
            may_reset_password(actor, row),
            row.pk == me,
        )
        for row in sub_accounts_of(shop)
    ]
    rows.sort(key=lambda row: (not row.sub_account.enabled, row.sub_account.name))
    agents = [row.person for row in rows if row.person.is_agent and row.sub_account.enabled]
    context = {
        "rows": rows,
        "agents": len(agents),
        "online": sum(person.status == "online" for person in agents),
        "full": sum(person.status == "online" and person.full for person in agents),
        "may_add": may(actor, Permission.SUB_ACCOUNTS_EDIT),
    }
    return render(request, "routing/sub_accounts/list.html", context)


def found(shop: Shop, account: str) -> SubAccount:
    row = sub_accounts_of(shop).filter(name=account).first()
    if row is None:
        raise Http404
    row.shop = shop
    return row


def editable(shop: Shop, actor: Actor, account: str) -> SubAccount:
    """The row, if the actor may edit it: no admin touches a main account."""
    row = found(shop, account)
    if not may_edit_sub_account(actor, row.roles):
        raise PermissionDenied
    return row


def dialog(request: HttpRequest, name: str, form: RefusableForm, row: SubAccount | None = None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, f"routing/sub_accounts/_{name}.html", {"form": form, "row": row}, status=status)


def done(request: HttpRequest, shop: Shop, said: str) -> HttpResponse:
    """The list anew, with a passing message."""
    from_page = reverse("sub_accounts", args=[shop.slug])
    if not getattr(request, "htmx", False):
        return redirect(from_page)
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps(
        {"dialogClose": True, "toast": {"text": said, "tone": "success"}, "people": True}
    )
    return response


@sensitive_post_parameters()
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_new(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    may_main = may_edit_sub_account(actor, [Role.MAIN.value])
    form = NewForm(request.POST or None, initial={"roles": [Role.AGENT.value]}, may_main=may_main)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        if not may_edit_sub_account(actor, given["roles"]):
            raise PermissionDenied
        try:
            services.add_sub_account(shop=shop, **given)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, shop, _("“%(account)s” is added.") % {"account": given["account"]})
    return dialog(request, "new", form)


@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_edit(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    row = editable(shop, actor, account)
    may_main = may_edit_sub_account(actor, [Role.MAIN.value])
    form = ChangeForm(request.POST or None, sub_account=row, may_main=may_main)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_sub_account(shop=shop, agent=row.name, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, shop, _("“%(account)s” is changed.") % {"account": row.name})
    return dialog(request, "edit", form, row)


@sensitive_post_parameters()
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_password(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """Somebody's new password; their sessions end (DESIGN 8)."""
    row = editable(shop, actor, account)
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reset_password(actor=actor, sub_account=row, password=form.cleaned_data["password"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(
                request,
                shop,
                _("“%(account)s” has a new password, and is signed out everywhere.") % {"account": row.name},
            )
    return dialog(request, "password", form, row)


@require_POST
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_enable(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """Disable or enable; nothing is deleted."""
    row = editable(shop, actor, account)
    enabled = request.POST.get("enabled") == "1"
    try:
        services.change_sub_account(shop=shop, agent=row.name, enabled=enabled)
    except Refused as refused:
        return refusal(refused)
    words = _("“%(account)s” is enabled.") if enabled else _("“%(account)s” is disabled.")
    return done(request, shop, words % {"account": row.name})
