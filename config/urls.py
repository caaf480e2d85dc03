"""Every address: pages at / and /s/<shop>/…, the API at /api/v1/ (CONTRACT 5), the operators' admin at /admin/."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from agents.views.sign_in import admin_sign_in
from config.api import BuyerView
from config.health import healthz, livez, readyz
from config.watching.exposing import metrics
from routing.stream.once import StreamView

urlpatterns: list[URLPattern | URLResolver] = [
    # The admin's own form would leave tokens alive: one way to change a password is enough.
    path("admin/password_change/", RedirectView.as_view(pattern_name="password"), name="admin_password"),
    path("admin/login/", admin_sign_in, name="admin_sign_in"),
    path("healthz", healthz, name="healthz"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("api/v1/stream/", StreamView.as_view(), name="api_stream"),
    path("api/v1/", include("agents.api.urls")),
    path("api/v1/", include("routing.api.urls")),
    path("api/v1/", include("metrics.api.urls")),
    path("api/v1/", include("chat.api.urls")),
    path("api/v1/", include("outgoing.api.urls")),
    path("api/v1/shops/<slug:shop>/buyers/<str:buyer>/", BuyerView.as_view(), name="api_buyer"),
    path("", include("routing.urls")),
    path("", include("routing.conversation_urls")),
    path("", include("conversations.urls")),
    path("", include("metrics.urls")),
    path("", include("metrics.answers_urls")),
    path("", include("chat.urls")),
    path("", include("outgoing.urls")),
    path("", include("agents.urls")),
]

handler400 = "agents.views.faults.bad_request"
handler403 = "agents.views.faults.forbidden"
handler404 = "agents.views.faults.not_found"
handler500 = "agents.views.faults.server_error"
