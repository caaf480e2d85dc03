from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.http.parameters import NumberField
from outgoing.labels import ALERT_EVENTS, ALERT_KINDS_TOLD, WEBHOOK_EVENTS
from outgoing.models import Outlet
from outgoing.vocabulary import AlertEvent, OutletKind, WebhookEvent


class OutletForm(forms.Form):
    """What a person sets of an outlet; what the service refuses stands at its field."""

    name = forms.CharField(label=_("Name"), required=False, max_length=50)

    def values(self) -> dict[str, Any]:
        """What `create_outlet` and `change_outlet` take."""
        return dict(self.cleaned_data)


class WebhookForm(OutletForm):
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"placeholder": "https://", "inputmode": "url", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Told of"),
        required=False,
        choices=[(event, label) for event, label in WEBHOOK_EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[event.value for event in WebhookEvent if event != WebhookEvent.MESSAGE],
    )

    @classmethod
    def of(cls, outlet: Outlet) -> "WebhookForm":
        return cls(initial={name: getattr(outlet, name) for name in ("name", "address", "events")})


class AlertForm(OutletForm):
    """A robot's address and secret are not shown again: left empty they stay."""

    kind = forms.ChoiceField(label=_("Where to"), choices=[(kind, label) for kind, label in ALERT_KINDS_TOLD.items()])
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label=_("Secret for signing"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Told of"),
        required=False,
        choices=[(event, label) for event, label in ALERT_EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[event.value for event in AlertEvent if event != AlertEvent.MORNING],
    )
    queue_longer = NumberField(label=_("More buyers wait than"), required=False, initial=10)
    waited_minutes = NumberField(label=_("or one for more minutes than"), required=False, initial=3)
    cool_down = NumberField(label=_("Say it again after minutes"), initial=30)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    @classmethod
    def of(cls, outlet: Outlet) -> "AlertForm":
        shown = ("kind", "name", "events", "queue_longer", "waited_minutes", "cool_down", "language")
        initial = {name: getattr(outlet, name) for name in shown}
        if outlet.kind == OutletKind.EMAIL:
            initial["address"] = outlet.address
        return cls(initial=initial).settled()

    def settled(self) -> "AlertForm":
        """Of one that is there: its kind stays."""
        self.fields.pop("kind")
        return self

    def values(self) -> dict[str, Any]:
        kept = ("address", "secret") if "kind" not in self.fields else ()
        return {name: value for name, value in self.cleaned_data.items() if value or name not in kept}
