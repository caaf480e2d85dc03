from django import forms
from django.utils.translation import gettext_lazy as _


class BlackRoomForm(forms.Form):
    """The day on which the platform announced the black room (P4)."""

    day = forms.DateField(
        label=_("Day of the announcement"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)


class MarkForm(forms.Form):
    """What a person says about a window (P8); a dismissal needs its reason, which the service asks for."""

    mark = forms.ChoiceField(choices=[("", ""), ("confirmed", ""), ("dismissed", "")], required=False)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)
