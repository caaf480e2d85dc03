from django.urls import path
from django.views.i18n import set_language

from agents.views.home import home, shop_home, shop_new
from agents.views.keys import shop_key_revoke, shop_keys
from agents.views.password import password
from agents.views.presence import own_beat
from agents.views.sign_in import SignIn, SignOut

urlpatterns = [
    path("presence/beat/", own_beat, name="own_beat"),
    path("", home, name="home"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-out/", SignOut.as_view(), name="sign_out"),
    path("shops/new/", shop_new, name="shop_new"),
    path("password/", password, name="password"),
    path("language/", set_language, name="set_language"),
    path("s/<slug:shop>/", shop_home, name="shop_home"),
    path("s/<slug:shop>/keys/", shop_keys, name="shop_keys"),
    path("s/<slug:shop>/keys/<int:pk>/revoke/", shop_key_revoke, name="shop_key_revoke"),
]
