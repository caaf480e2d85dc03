"""For the operators of the installation: what there is of conversations, and nothing of what is said in them.

The table of permissions (agents.permissions) lets operators see neither messages nor answers, so every text of a
buyer, an agent or a shop is left out here, of the lists, of the forms and of the search
(tests/conversations/test_admin_texts.py).
"""

from django.contrib import admin

from agents.admin import ReadOnlyAdmin
from conversations.models import (
    AnswerItem,
    AnswerPart,
    Block,
    Buyer,
    BuyerAddress,
    Conversation,
    ConversationName,
    ErasedBuyer,
    Message,
    MissingImage,
    QuickAnswer,
    Rating,
)


@admin.register(Buyer)
class BuyerAdmin(ReadOnlyAdmin):
    list_display = ("shop", "external_id", "recent_agent", "contact_at")
    list_filter = ("shop",)
    list_select_related = ("shop", "recent_agent")
    search_fields = ("external_id", "shop__slug")


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = (
        "external_id",
        "shop",
        "buyer",
        "state",
        "holder",
        "entry",
        "order_status",
        "opened_at",
        "closed_at",
    )
    list_filter = ("state", "imported", "shop")
    list_select_related = ("shop", "buyer", "holder")
    search_fields = ("external_id", "buyer__external_id", "holder__name", "shop__slug")
    date_hierarchy = "opened_at"
    exclude = ("question",)


@admin.register(ConversationName)
class ConversationNameAdmin(ReadOnlyAdmin):
    list_display = ("external_id", "shop", "conversation")
    list_filter = ("shop",)
    list_select_related = ("shop", "conversation")
    search_fields = ("external_id", "conversation__external_id")


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("shop", "buyer", "until", "created_at", "by")
    list_filter = ("shop",)
    list_select_related = ("shop", "buyer", "by")
    exclude = ("reason", "network")


@admin.register(BuyerAddress)
class BuyerAddressAdmin(ReadOnlyAdmin):
    list_display = ("buyer", "seen_at")
    list_select_related = ("buyer",)
    exclude = ("network",)


@admin.register(MissingImage)
class MissingImageAdmin(ReadOnlyAdmin):
    list_display = ("name", "shop", "message_id", "found_at")
    list_filter = ("shop",)
    list_select_related = ("shop",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("sent_at", "shop", "conversation", "sender", "author", "kind")
    list_filter = ("sender", "automatic", "kind", "shop")
    list_select_related = ("shop", "conversation", "author")
    search_fields = ("conversation__external_id", "author__name", "shop__slug")
    show_full_result_count = False
    date_hierarchy = "sent_at"
    exclude = ("text", "image")


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    list_display = ("at", "shop", "conversation", "satisfied")
    list_filter = ("satisfied", "shop")
    list_select_related = ("shop", "conversation")
    search_fields = ("conversation__external_id", "shop__slug")
    date_hierarchy = "at"
    exclude = ("word",)


@admin.register(AnswerPart)
class AnswerPartAdmin(ReadOnlyAdmin):
    list_display = ("shop", "part", "on", "saved_at", "saved_by")
    list_filter = ("part", "on", "shop")
    list_select_related = ("shop", "saved_by")
    search_fields = ("shop__slug",)
    exclude = ("text", "robot_human_words")


@admin.register(AnswerItem)
class AnswerItemAdmin(ReadOnlyAdmin):
    list_display = ("shop", "part", "position", "how", "on")
    list_filter = ("part__part", "on", "shop")
    list_select_related = ("shop", "part")
    search_fields = ("shop__slug",)
    exclude = ("ask", "answer")


@admin.register(QuickAnswer)
class QuickAnswerAdmin(ReadOnlyAdmin):
    list_display = ("pk", "shop", "owner")
    list_filter = ("shop",)
    list_select_related = ("shop", "owner")
    search_fields = ("owner__name", "shop__slug")
    exclude = ("title", "text")


@admin.register(ErasedBuyer)
class ErasedBuyerAdmin(ReadOnlyAdmin):
    list_display = ("shop", "at")
    list_filter = ("shop",)
    list_select_related = ("shop",)
