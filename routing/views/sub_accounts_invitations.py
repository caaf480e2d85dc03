"""Invitations 邀请: the shop asks and takes back, the account's holder answers (DESIGN 8)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.errors import Refused
from agents.models import Account, Invitation, Shop
from agents.permissions import Actor, Permission, may_edit_sub_account
from agents.services import decline_invitation, invite_account, withdraw_invitation
from agents.views.access import account_page, shop_page
from agents.vocabulary import Role
from core.http.parameters import posted, query
from routing import services
from routing.forms.sub_accounts import InviteForm
from routing.views.refusals import refusal
from routing.views.sub_accounts import dialog, done


@shop_page(Permission.SUB_ACCOUNTS_EDIT, proof=True)
def sub_account_invite(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    may_main = may_edit_sub_account(actor, [Role.MAIN.value])
    initial = {"account": query(request).text("account")[:50], "roles": [Role.AGENT.value]}
    form = InviteForm(request.POST or None, initial=initial, may_main=may_main)
    if request.method == "POST" and form.is_valid():
        try:
            invite_account(actor=actor, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            words = _("“%(account)s” is invited. They find it on their own first page.")
            return done(request, shop, words % {"account": form.cleaned_data["account"]})
    return dialog(request, "invite", form)


@require_POST
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_withdraw(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    if not Invitation.objects.filter(shop=shop, pk=pk).exists():
        raise Http404
    try:
        row = withdraw_invitation(actor=actor, pk=pk)
    except Refused as refused:
        return refusal(refused)
    return done(request, shop, _("The invitation of “%(account)s” is withdrawn.") % {"account": row.account.account})


@require_POST
@account_page
def invitation_answer(request: HttpRequest, account: Account, pk: int) -> HttpResponse:
    """Yes or no of who is invited; somebody else's invitation is not there."""
    row = Invitation.objects.select_related("shop").filter(account=account, pk=pk).first()
    if row is None:
        raise Http404
    try:
        if posted(request).text("answer") == "accept":
            services.accept_invitation(shop=row.shop, account=account, pk=pk)
            messages.success(request, _("You are in “%(shop)s” now.") % {"shop": row.shop.name})
            return redirect("shop_home", row.shop.slug)
        decline_invitation(account=account, pk=pk)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("The invitation of “%(shop)s” is declined.") % {"shop": row.shop.name})
    return redirect("home")
