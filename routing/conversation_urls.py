"""Conversations: what is done in them, and their list. The pages of one, with its clocks, are in metrics.urls."""

from django.urls import path

from routing.views import conversations, records

_ONE = "s/<slug:shop>/conversations/<int:pk>/"

urlpatterns = [
    path(f"{_ONE}messages/", conversations.conversation_post, name="conversation_post"),
    path(f"{_ONE}close/", conversations.conversation_close, name="conversation_close"),
    path(f"{_ONE}transfer/", conversations.conversation_transfer, name="conversation_transfer"),
    path(f"{_ONE}take/", conversations.conversation_take, name="conversation_take"),
    path("s/<slug:shop>/records/", records.records, name="records"),
]
