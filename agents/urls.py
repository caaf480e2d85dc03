from django.urls import path
from django.views.i18n import set_language

from agents.views import passkeys, security, single_sign_on
from agents.views.home import home, shop_home, shop_new
from agents.views.keys import shop_key_revoke, shop_keys
from agents.views.password import password
from agents.views.presence import own_beat
from agents.views.recovery import password_by_mail, password_forgotten
from agents.views.sign_in import SignIn, second_factor

urlpatterns = [
    path("presence/beat/", own_beat, name="own_beat"),
    path("", home, name="home"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-in/second/", second_factor, name="second_factor"),
    path("sign-in/passkey/options/", passkeys.passkey_options, name="passkey_options"),
    path("sign-in/passkey/", passkeys.passkey_verify, name="passkey_verify"),
    path("sign-in/forgotten/", password_forgotten, name="password_forgotten"),
    path("sign-in/new-password/<str:uid>/<str:token>/", password_by_mail, name="password_by_mail"),
    path("sign-in/with/<slug:kind>/", single_sign_on.sign_on, name="sign_on"),
    path("sign-in/with/<slug:kind>/done/", single_sign_on.sign_on_done, name="sign_on_done"),
    path("account/identities/<int:pk>/unlink/", single_sign_on.identity_unlink, name="identity_unlink"),
    path("account/identities/<slug:kind>/", single_sign_on.sign_on_link, name="sign_on_link"),
    path("account/security/", security.account_security, name="account_security"),
    path("account/confirm/", security.account_confirm, name="account_confirm"),
    path("account/app/", security.totp_add, name="totp_add"),
    path("account/passkeys/options/", passkeys.passkey_add_options, name="passkey_add_options"),
    path("account/passkeys/", passkeys.passkey_add, name="passkey_add"),
    path("account/recovery-codes/", security.recovery_codes, name="recovery_codes"),
    path("account/factors/<int:pk>/remove/", security.factor_remove, name="factor_remove"),
    path("account/sessions/<int:pk>/end/", security.session_end, name="session_end"),
    path("account/sessions/end/", security.sessions_end, name="sessions_end"),
    path("account/tokens/<int:pk>/revoke/", security.token_revoke, name="token_revoke"),
    path("account/email/", security.email_change, name="email_change"),
    path("account/email/<str:token>/", security.email_confirm, name="email_confirm"),
    path("account/notices/seen/", security.notices_acknowledge, name="notices_acknowledge"),
    path("shops/new/", shop_new, name="shop_new"),
    path("password/", password, name="password"),
    path("language/", set_language, name="set_language"),
    path("s/<slug:shop>/", shop_home, name="shop_home"),
    path("s/<slug:shop>/keys/", shop_keys, name="shop_keys"),
    path("s/<slug:shop>/keys/<int:pk>/revoke/", shop_key_revoke, name="shop_key_revoke"),
]
