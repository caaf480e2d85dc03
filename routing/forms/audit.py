from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.audit import AuditFilters
from agents.labels import AUDIT_ACTIONS
from core.http.parameters import DayField

DAY = {"type": "date"}


class AuditFilterForm(forms.Form):
    """What the log is asked for; everything may be left open."""

    action = forms.ChoiceField(label=_("What"), required=False)
    by = forms.CharField(label=_("Who"), required=False, max_length=150)
    subject = forms.CharField(label=_("Of what"), required=False, max_length=200)
    date_from = DayField(label=_("From"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs=DAY))
    date_to = DayField(label=_("To"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs=DAY))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actions = [(action.value, words) for action, words in AUDIT_ACTIONS.items()]
        self.fields["action"].choices = [("", _("Every action")), *actions]  # type: ignore[attr-defined]

    def filters(self) -> AuditFilters:
        """What was asked for, without what could not be read."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return AuditFilters(**{name: value for name, value in given.items() if value})
