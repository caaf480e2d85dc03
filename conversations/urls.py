"""What is kept for answering; conversations themselves are in routing.conversation_urls and metrics.urls."""

from django.urls import path

from conversations.views import quick_answers

_QUICK = "s/<slug:shop>/quick-answers/"

urlpatterns = [
    path(_QUICK, quick_answers.quick_edit, name="quick_answers"),
    path(f"{_QUICK}bar/", quick_answers.quick_bar, name="quick_bar"),
    path(f"{_QUICK}<int:pk>/remove/", quick_answers.quick_remove, name="quick_remove"),
]
