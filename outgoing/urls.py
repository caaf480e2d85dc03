"""对外通知 among a shop's settings; the app on the phone."""

from django.urls import path

from outgoing.views import outlets, phone, recipients

_HERE = "s/<slug:shop>/outgoing/"

urlpatterns = [
    path(_HERE, outlets.outgoing, name="outgoing"),
    path(f"{_HERE}alerts/", outlets.outgoing_alerts, name="outgoing_alerts"),
    path(f"{_HERE}new-webhook/", outlets.outgoing_new, {"what": "webhook"}, name="outgoing_new_webhook"),
    path(f"{_HERE}new-alert/", outlets.outgoing_new, {"what": "alert"}, name="outgoing_new_alert"),
    path(f"{_HERE}<int:pk>/", outlets.outgoing_one, name="outgoing_one"),
    path(f"{_HERE}<int:pk>/save/", outlets.outgoing_save, name="outgoing_save"),
    path(f"{_HERE}<int:pk>/switch/", outlets.outgoing_switch, name="outgoing_switch"),
    path(f"{_HERE}<int:pk>/secret/", outlets.outgoing_secret, name="outgoing_secret"),
    path(f"{_HERE}<int:pk>/test/", outlets.outgoing_test, name="outgoing_test"),
    path(f"{_HERE}<int:pk>/remove/", outlets.outgoing_remove, name="outgoing_remove"),
    path(f"{_HERE}deliveries/<int:pk>/repeat/", outlets.outgoing_repeat, name="outgoing_repeat"),
    path(f"{_HERE}<int:pk>/ask/", recipients.outgoing_ask, name="outgoing_ask"),
    path("confirm-address/<str:token>/", recipients.outgoing_confirm, name="outgoing_confirm"),
    path("manifest.webmanifest", phone.manifest, name="manifest"),
    path("sw.js", phone.service_worker, name="service_worker"),
    path("offline/", phone.offline, name="offline"),
    path("push/key/", phone.push_key, name="push_key"),
    path("push/subscribe/", phone.push_subscribe, name="push_subscribe"),
    path("push/unsubscribe/", phone.push_unsubscribe, name="push_unsubscribe"),
]
