from django.urls import URLPattern, URLResolver, path

from routing.views import (
    audit,
    presence,
    settings,
    settings_picker,
    settings_versions,
    shifts,
    shifts_hours,
    shifts_kinds,
    sign_out,
    sub_accounts,
    sub_accounts_import,
    sub_accounts_invitations,
)

_SHOP = "s/<slug:shop>/"
_ROUTING = f"{_SHOP}routing/"
_PEOPLE = f"{_SHOP}sub-accounts/"
_SHIFTS = f"{_SHOP}shifts/"

urlpatterns: list[URLPattern | URLResolver] = [
    # presence
    path("sign-out/", sign_out.SignOutView.as_view(), name="sign_out"),
    path(f"{_SHOP}presence/", presence.own_presence, name="own_presence"),
    # settings
    path(_ROUTING, settings.routing_settings, name="routing_settings"),
    path(f"{_ROUTING}draft/", settings.routing_draft, name="routing_draft"),
    path(f"{_ROUTING}publish/", settings.routing_publish, name="routing_publish"),
    path(f"{_ROUTING}try/", settings.routing_try, name="routing_try"),
    path(f"{_ROUTING}hidden-pages/", settings.routing_hide, name="routing_hide"),
    path(f"{_ROUTING}picker/", settings_picker.routing_picker, name="routing_picker"),
    path(f"{_ROUTING}versions/", settings_versions.routing_versions, name="routing_versions"),
    path(f"{_ROUTING}versions/<int:number>/restore/", settings_versions.routing_restore, name="routing_restore"),
    # the audit log
    path(f"{_SHOP}audit/", audit.audit, name="audit"),
    path(f"{_SHOP}audit.csv", audit.audit_csv, name="audit_csv"),
    # sub-accounts
    path(_PEOPLE, sub_accounts.sub_accounts, name="sub_accounts"),
    path(f"{_SHOP}sub-account-new/", sub_accounts.sub_account_new, name="sub_account_new"),
    path(f"{_SHOP}sub-account-name/", sub_accounts.sub_account_name, name="sub_account_name"),
    path(f"{_SHOP}sub-account-import/", sub_accounts_import.sub_account_import, name="sub_account_import"),
    path(
        f"{_SHOP}sub-account-import/confirm/",
        sub_accounts_import.sub_account_import_confirm,
        name="sub_account_import_confirm",
    ),
    path(f"{_SHOP}sub-account-import.csv", sub_accounts_import.sub_account_template, name="sub_account_template"),
    path(f"{_SHOP}sub-account-invite/", sub_accounts_invitations.sub_account_invite, name="sub_account_invite"),
    path(
        f"{_SHOP}sub-account-invite/<int:pk>/withdraw/",
        sub_accounts_invitations.sub_account_withdraw,
        name="sub_account_withdraw",
    ),
    path("invitations/<int:pk>/", sub_accounts_invitations.invitation_answer, name="invitation_answer"),
    path(f"{_PEOPLE}<str:account>/", sub_accounts.sub_account_edit, name="sub_account_edit"),
    path(f"{_PEOPLE}<str:account>/cap/", sub_accounts.sub_account_cap, name="sub_account_cap"),
    path(f"{_PEOPLE}<str:account>/password/", sub_accounts.sub_account_password, name="sub_account_password"),
    path(f"{_SHOP}second-factor/", sub_accounts.shop_second_factor, name="shop_second_factor"),
    path(
        f"{_PEOPLE}<str:account>/second-factor/",
        sub_accounts.sub_account_second_factor,
        name="sub_account_second_factor",
    ),
    path(f"{_PEOPLE}<str:account>/unlock/", sub_accounts.sub_account_unlock, name="sub_account_unlock"),
    path(f"{_PEOPLE}<str:account>/enabled/", sub_accounts.sub_account_enable, name="sub_account_enable"),
    # shifts
    path(_SHIFTS, shifts.shifts, name="shifts"),
    path(f"{_SHIFTS}cell/", shifts.shift_cell, name="shift_cell"),
    path(f"{_SHIFTS}copy/", shifts.shift_copy, name="shift_copy"),
    path(f"{_SHIFTS}follow/", shifts.shift_follow, name="shift_follow"),
    path(f"{_SHIFTS}kinds/", shifts_kinds.shift_kinds, name="shift_kinds"),
    path(f"{_SHIFTS}kinds/new/", shifts_kinds.shift_kind_new, name="shift_kind_new"),
    path(f"{_SHIFTS}kinds/<int:pk>/", shifts_kinds.shift_kind, name="shift_kind"),
    path(f"{_SHIFTS}kinds/<int:pk>/remove/", shifts_kinds.shift_kind_remove, name="shift_kind_remove"),
    path(f"{_SHIFTS}template/", shifts_kinds.shift_template, name="shift_template"),
    path(f"{_SHIFTS}hours/", shifts_hours.shift_hours, name="shift_hours"),
    path(f"{_SHIFTS}hours.csv", shifts_hours.shift_hours_csv, name="shift_hours_csv"),
]
