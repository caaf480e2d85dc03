from django.urls import path

from routing.api import answers, people, settings, simulations
from routing.api import conversations as c

SHOP = "shops/<slug:shop>/"
ONE = SHOP + "conversations/<int:pk>/"

urlpatterns = [
    path("me/presence/", people.OwnPresenceView.as_view(), name="api_own_presence"),
    path(SHOP + "sub-accounts/", people.SubAccountsView.as_view(), name="api_sub_accounts"),
    path(SHOP + "sub-accounts/<str:account>/", people.SubAccountView.as_view(), name="api_sub_account"),
    path(SHOP + "sub-accounts/<str:account>/presence/", people.PresenceView.as_view(), name="api_presence"),
    path(SHOP + "routing/", settings.RoutingView.as_view(), name="api_routing"),
    path(SHOP + "routing/versions/", settings.VersionsView.as_view(), name="api_versions"),
    path(SHOP + "routing/versions/<int:number>/restore/", settings.RestoreView.as_view(), name="api_restore"),
    path(SHOP + "conversations/", c.ConversationsView.as_view(), name="api_conversations"),
    path(ONE, c.ConversationDetailView.as_view(), name="api_conversation"),
    path(ONE + "decisions/", c.DecisionsView.as_view(), name="api_decisions"),
    path(ONE + "messages/", c.MessagesView.as_view(), name="api_messages"),
    path(ONE + "messages/<int:message>/image/", c.ImageView.as_view(), name="api_image"),
    path(ONE + "close/", c.CloseView.as_view(), name="api_close"),
    path(ONE + "ask-human/", c.AskHumanView.as_view(), name="api_ask_human"),
    path(ONE + "transfer/", c.TransferView.as_view(), name="api_transfer"),
    path(SHOP + "hot-questions/", answers.HotQuestionsView.as_view(), name="api_hot_questions"),
    path(SHOP + "queue/", c.QueueView.as_view(), name="api_queue"),
    path("simulate/", simulations.SimulateView.as_view(), name="api_simulate"),
    path("simulate/<int:pk>/", simulations.SimulationDetailView.as_view(), name="api_simulation"),
]
