from django.urls import URLPattern, URLResolver, path

from routing.views import (
    presence,
    settings,
    settings_picker,
    settings_versions,
    sub_accounts,
)

_SHOP = "s/<slug:shop>/"
_ROUTING = f"{_SHOP}routing/"
_PEOPLE = f"{_SHOP}sub-accounts/"

urlpatterns: list[URLPattern | URLResolver] = [
    # presence
    path(f"{_SHOP}presence/", presence.own_presence, name="own_presence"),
    # settings
    path(_ROUTING, settings.routing_settings, name="routing_settings"),
    path(f"{_ROUTING}draft/", settings.routing_draft, name="routing_draft"),
    path(f"{_ROUTING}publish/", settings.routing_publish, name="routing_publish"),
    path(f"{_ROUTING}try/", settings.routing_try, name="routing_try"),
    path(f"{_ROUTING}picker/", settings_picker.routing_picker, name="routing_picker"),
    path(f"{_ROUTING}versions/", settings_versions.routing_versions, name="routing_versions"),
    path(f"{_ROUTING}versions/<int:number>/restore/", settings_versions.routing_restore, name="routing_restore"),
    # sub-accounts
    path(_PEOPLE, sub_accounts.sub_accounts, name="sub_accounts"),
    path(f"{_SHOP}sub-account-new/", sub_accounts.sub_account_new, name="sub_account_new"),
    path(f"{_PEOPLE}<str:account>/", sub_accounts.sub_account_edit, name="sub_account_edit"),
    path(f"{_PEOPLE}<str:account>/password/", sub_accounts.sub_account_password, name="sub_account_password"),
    path(f"{_PEOPLE}<str:account>/enabled/", sub_accounts.sub_account_enable, name="sub_account_enable"),
]
