from django.urls import path

from metrics.api import reports, views

SHOP = "shops/<slug:shop>/"

urlpatterns = [
    path(SHOP + "reply-rates/", views.ReplyRatesView.as_view(), name="api_reply_rates"),
    path(SHOP + "reports/", reports.ReportsView.as_view(), name="api_reports"),
    path(SHOP + "penalties/", views.PenaltiesView.as_view(), name="api_penalties"),
    path(SHOP + "penalties/<int:pk>/", views.PenaltyView.as_view(), name="api_penalty"),
]
