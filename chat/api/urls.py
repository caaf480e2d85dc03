from django.urls import path

from chat.api.tokens import ChatTokensView

urlpatterns = [path("shops/<slug:shop>/chat-tokens/", ChatTokensView.as_view(), name="api_chat_tokens")]
