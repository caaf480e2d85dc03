from django.urls import path

from metrics.api import views

SHOP = "shops/<slug:shop>/"

urlpatterns = [
    path(SHOP + "reply-rates/", views.ReplyRatesView.as_view(), name="api_reply_rates"),
    path(SHOP + "penalties/", views.PenaltiesView.as_view(), name="api_penalties"),
    path(SHOP + "penalties/<int:pk>/", views.PenaltyView.as_view(), name="api_penalty"),
]
