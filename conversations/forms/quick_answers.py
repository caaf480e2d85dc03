from django import forms
from django.utils.translation import gettext_lazy as _

from core.http.parameters import NumberField


class QuickAnswerForm(forms.Form):
    """`pk` is empty for a new one; `for_shop` is offered to who may set the shop's."""

    pk = NumberField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Short name"), max_length=20)
    text = forms.CharField(label=_("Text"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    for_shop = forms.BooleanField(label=_("For everybody in the shop"), required=False)
