from django.urls import path

from agents.api.me import MeView, TokenView
from agents.api.shops import KeyDetailView, KeysView, ShopDetailView, ShopsView

urlpatterns = [
    path("auth/token/", TokenView.as_view(), name="api_token"),
    path("me/", MeView.as_view(), name="api_me"),
    path("shops/", ShopsView.as_view(), name="api_shops"),
    path("shops/<slug:shop>/", ShopDetailView.as_view(), name="api_shop"),
    path("shops/<slug:shop>/keys/", KeysView.as_view(), name="api_keys"),
    path("shops/<slug:shop>/keys/<int:pk>/", KeyDetailView.as_view(), name="api_key"),
]
