"""Forms of the shifts' page. The services judge; these read."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.labels import SHIFT_COLOURS
from agents.models import ShiftKind
from agents.vocabulary import ShiftColour
from core.http.parameters import DayField
from routing.forms.sub_accounts import RefusableForm

FREE = "free"


class KindForm(RefusableForm):
    """A shift: its name, its times, its colour."""

    name = forms.CharField(label=_("Name"), max_length=20)
    times = forms.CharField(
        label=_("Time"),
        max_length=100,
        help_text=_("Like 08:30–20:30. A split shift: 08:00–12:00、18:00–23:00. Past midnight: 22:00–06:00."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    colour = forms.ChoiceField(
        label=_("Colour"),
        choices=[(colour.value, label) for colour, label in SHIFT_COLOURS.items()],
        initial=ShiftColour.BLUE.value,
        widget=forms.RadioSelect,
    )

    def focus(self) -> None:
        """Put the cursor where something is to be mended, else into the first field."""
        name = next((name for name in self.fields if name in self.errors), "name")
        self.fields[name].widget.attrs["autofocus"] = True


class CellForm(RefusableForm):
    """Somebody's shift on a date, or on every such weekday."""

    kind = forms.ChoiceField(label=_("Shift"), widget=forms.RadioSelect)
    weekly = forms.BooleanField(required=False)

    def __init__(self, *args: Any, kinds: Iterable[ShiftKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {str(kind.pk): kind for kind in kinds}
        self.fields["kind"].choices = [*((pk, kind.name) for pk, kind in self.kinds.items()), (FREE, FREE)]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> ShiftKind | None:
        return self.kinds.get(self.cleaned_data["kind"])


class CopyForm(RefusableForm):
    """Which week becomes as the one shown; `seen` stands for the changes that were shown before."""

    target = DayField(
        label=_("To the week of"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "required": True})
    )
    seen = forms.CharField(required=False, max_length=16)


class TemplateForm(RefusableForm):
    """A template, and who is dealt out to its shifts."""

    template = forms.CharField(label=_("Template"), max_length=20)
    accounts = forms.MultipleChoiceField(label=_("Who works by it"), required=False)
    rotate = forms.BooleanField(label=_("Move on by one shift every week"), required=False)

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].choices = list(people)  # type: ignore[attr-defined]
