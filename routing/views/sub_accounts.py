"""Sub-accounts 子账号 (S3): list, add, roles and cap, password, disable."""

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused, TooMany
from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission, may_edit_sub_account, may_set_cap
from agents.selectors import NameStanding, only_main, standing_of_name, sub_accounts_of
from agents.services import unlock_sign_in
from agents.services.names import count_name, count_taken_names
from agents.services.shops import demand_second_factor
from agents.validators import valid_account_name
from agents.views.access import shop_page
from agents.vocabulary import Role
from core.http.parameters import posted, query
from routing import services
from routing.forms.sub_accounts import CapForm, ChangeForm, FilterForm, NewForm, RefusableForm, ResetForm
from routing.views.settings import refusal
from routing.views.sub_accounts_list import listing, rows_of


@require_GET
@shop_page(Permission.SUB_ACCOUNTS_SEE)
def sub_accounts(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    return render(request, "routing/sub_accounts/list.html", listing(shop, actor, FilterForm(query(request).data)))


@require_GET
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_name(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Whether a new login may be called so, said while it is typed (S3)."""
    name = query(request).text("account").strip()
    wrong, standing = "", ""
    try:
        valid_account_name(name)
        count_name(shop)
        found = standing_of_name(shop, name)
        count_taken_names(shop, int(found in (NameStanding.TAKEN, NameStanding.INVITABLE)))
        standing = found.value
    except ValidationError as error:
        wrong = error.messages[0] if name else ""
    except TooMany as refused:
        wrong = str(refused.message)
    context = {"name": name, "wrong": wrong, "standing": standing}
    return render(request, "routing/sub_accounts/_name.html", context)


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


def dialog(
    request: HttpRequest, name: str, form: RefusableForm, row: SubAccount | None = None, **more: object
) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"form": form, "row": row, **more}
    return render(request, f"routing/sub_accounts/_{name}.html", context, status=status)


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
@shop_page(Permission.SUB_ACCOUNTS_EDIT, proof=True)
def sub_account_new(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    may_main = may_edit_sub_account(actor, [Role.MAIN.value])
    form = NewForm(request.POST or None, initial={"roles": [Role.AGENT.value]}, may_main=may_main)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        if not may_edit_sub_account(actor, given["roles"]):
            raise PermissionDenied
        try:
            services.add_sub_account(shop=shop, known_to_others=True, **given)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, shop, _("“%(account)s” is added.") % {"account": given["account"]})
    return dialog(request, "new", form)


@shop_page(Permission.SUB_ACCOUNTS_EDIT, proof=True)
def sub_account_edit(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    row = editable(shop, actor, account)
    may_main = may_edit_sub_account(actor, [Role.MAIN.value])
    form = ChangeForm(request.POST or None, sub_account=row, may_main=may_main)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_member(shop=shop, agent=row.name, by=actor.account, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, shop, _("“%(account)s” is changed.") % {"account": row.name})
    last_main = only_main(sub_accounts_of(shop))
    return dialog(request, "edit", form, row, last_main=last_main is not None and last_main.pk == row.pk)


@require_POST
@shop_page(Permission.CAPS_OTHERS)
def sub_account_cap(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """The cap as typed in the list; the line anew, with an objection at the field if there is one."""
    row = found(shop, account)
    if not may_set_cap(actor, row.roles):
        raise PermissionDenied
    form = CapForm(request.POST)
    if form.is_valid():
        try:
            services.change_sub_account(shop=shop, agent=row.name, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
    shown = next(one for one in rows_of(shop, actor) if one.sub_account.pk == row.pk)
    context = {"row": shown, "sub": shown.sub_account, "person": shown.person, "cap_form": form}
    response = render(request, "routing/sub_accounts/_row.html", context, status=422 if form.errors else 200)
    if not form.errors:
        said = _("“%(account)s” is changed.") % {"account": shown.person.label}
        response["HX-Trigger"] = json.dumps({"toast": {"text": said, "tone": "success"}})
    return response


@require_POST
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_unlock(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """Let somebody try again before the lock on their sign-in ends by itself."""
    row = editable(shop, actor, account)
    try:
        unlock_sign_in(actor=actor, sub_account=row)
    except Refused as refused:
        return refusal(refused)
    return done(request, shop, _("“%(account)s” may sign in again.") % {"account": row.name})


@require_POST
@shop_page(Permission.SUB_ACCOUNTS_EDIT, proof=True)
def sub_account_second_factor(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """Remove the second factors of somebody who has lost them."""
    row = editable(shop, actor, account)
    if row.account is None:
        raise Http404
    try:
        services.reset_second_factors(actor=actor, sub_account=row)
    except Refused as refused:
        return refusal(refused)
    return done(request, shop, _("“%(account)s” has no second factor any more.") % {"account": row.name})


@require_POST
@shop_page(Permission.SUB_ACCOUNTS_EDIT_MAIN, proof=True)
def shop_second_factor(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Switch the shop's demand for second factors on or off."""
    on = posted(request).text("on") == "1"
    try:
        demand_second_factor(actor=actor, on=on)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        words = (
            _("Everybody in this shop needs a second factor now.") if on else _("A second factor is optional again.")
        )
        messages.success(request, words)
    return redirect("sub_accounts", shop.slug)


@sensitive_post_parameters()
@shop_page(Permission.SUB_ACCOUNTS_EDIT, proof=True)
def sub_account_password(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """Somebody's new password; their sessions end (DESIGN 8)."""
    row = editable(shop, actor, account)
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.reset_password(actor=actor, sub_account=row, password=form.cleaned_data["password"])
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
    enabled = posted(request).text("enabled") == "1"
    try:
        services.change_member(shop=shop, agent=row.name, by=actor.account, enabled=enabled)
    except Refused as refused:
        return refusal(refused)
    words = _("“%(account)s” is enabled.") if enabled else _("“%(account)s” is disabled.")
    return done(request, shop, words % {"account": row.name})
