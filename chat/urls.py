"""The buyers' side at /chat/<shop>/, and its settings among the shop's."""

from django.urls import path

from chat.views import blocks, buyer, page, settings

_CHAT = "chat/<slug:shop>/"
_SETTINGS = "s/<slug:shop>/chat/"

urlpatterns = [
    path(_CHAT, page.chat_page, name="chat"),
    path(f"{_CHAT}widget.js", page.chat_widget, name="chat_widget"),
    path(f"{_CHAT}start/", buyer.StartView.as_view(), name="chat_start"),
    path(f"{_CHAT}updates/", buyer.UpdatesView.as_view(), name="chat_updates"),
    path(f"{_CHAT}stream/", buyer.StreamView.as_view(), name="chat_stream"),
    path(f"{_CHAT}messages/", buyer.MessagesView.as_view(), name="chat_messages"),
    path(f"{_CHAT}images/", buyer.ImagesView.as_view(), name="chat_images"),
    path(f"{_CHAT}images/<int:message>/", buyer.ImageView.as_view(), name="chat_image"),
    path(f"{_CHAT}ask-human/", buyer.AskHumanView.as_view(), name="chat_ask_human"),
    path(f"{_CHAT}close/", buyer.CloseView.as_view(), name="chat_close"),
    path(f"{_CHAT}rating/", buyer.RatingView.as_view(), name="chat_rating"),
    path(_SETTINGS, settings.chat_settings, name="chat_settings"),
    path(f"{_SETTINGS}save/", settings.chat_save, name="chat_save"),
    path(f"{_SETTINGS}blocks/", blocks.chat_blocks, name="chat_blocks"),
    path(f"{_SETTINGS}blocks/<int:pk>/end/", blocks.chat_unblock, name="chat_unblock"),
    path("s/<slug:shop>/conversations/<int:pk>/block/", blocks.conversation_block, name="conversation_block"),
]
