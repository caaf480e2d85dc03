from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from agents.selectors import sub_accounts_of
from conversations.labels import STATES
from core.http.parameters import DayField
from routing.selectors import Filters


class RecordFilterForm(forms.Form):
    """What the list of conversations is asked for; everything may be left open."""

    state = forms.ChoiceField(label=_("State"), required=False)
    agent = forms.ChoiceField(label=_("Agent"), required=False)
    buyer = forms.CharField(label=_("Buyer"), required=False, max_length=100)
    unanswered = forms.BooleanField(label=_("Waits for an answer"), required=False)
    routed = forms.BooleanField(label=_("Given to them by routing"), required=False)
    date_from = DayField(
        label=_("From"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    date_to = DayField(label=_("To"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, shop: Shop, choose_agent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(state.value, words) for state, words in STATES.items()]
        self.fields["state"].choices = [("", _("Every state")), *states]  # type: ignore[attr-defined]
        if choose_agent:
            people = [(row.name, row.label) for row in sub_accounts_of(shop)]
            self.fields["agent"].choices = [("", _("Everybody")), *people]  # type: ignore[attr-defined]
        else:
            del self.fields["agent"], self.fields["routed"]

    def filters(self) -> Filters:
        """What was asked for, without what could not be read."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return Filters(**{name: value for name, value in given.items() if value})
