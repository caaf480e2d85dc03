from django.urls import path

from outgoing.api import webhooks

_HERE = "shops/<slug:shop>/webhooks/"

urlpatterns = [
    path(_HERE, webhooks.WebhooksView.as_view(), name="api_webhooks"),
    path(f"{_HERE}<int:pk>/", webhooks.WebhookView.as_view(), name="api_webhook"),
    path(f"{_HERE}<int:pk>/deliveries/", webhooks.DeliveriesView.as_view(), name="api_deliveries"),
    path(
        f"{_HERE}<int:pk>/deliveries/<int:delivery>/repeat/", webhooks.RepeatView.as_view(), name="api_delivery_repeat"
    ),
]
