from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from conversations.states import YEARS
from core.http.parameters import DayField
from metrics.formulas.definitions import Override
from metrics.formulas.kinds import Kind
from metrics.labels import KINDS

KIND_CHOICES = [(kind.value, label) for kind, label in KINDS.items()]


class BlackRoomForm(forms.Form):
    """The day on which the platform announced the black room (P4)."""

    day = DayField(
        label=_("Day of the announcement"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)


class OverrideForm(forms.Form):
    """A shop's own values for a metric from a day on (METRICS 3). `robot`: empty leaves what the preset says."""

    valid_from = DayField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    valid_to = DayField(
        label=_("Until (may be left open)"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    robot = forms.ChoiceField(
        label=_("Do the robot's answers count?"),
        required=False,
        choices=[("", _("As preset")), ("yes", _("They count")), ("no", _("They do not count"))],
    )
    own_penalties = forms.BooleanField(label=_("Other penalties than preset"), required=False)
    penalties = forms.MultipleChoiceField(
        label=_("Penalties of a fail"), required=False, widget=forms.CheckboxSelectMultiple, choices=KIND_CHOICES
    )

    def override(self, metric: str) -> Override:
        """What was asked for, as the formulas take it. The form must be valid."""
        given = self.cleaned_data
        return Override(
            metric,
            given["valid_from"],
            given["valid_to"],
            {"yes": True, "no": False}.get(given["robot"]),
            tuple(Kind(kind) for kind in given["penalties"]) if given["own_penalties"] else None,
        )


class MarkForm(forms.Form):
    """What a person says about a window (P8); a dismissal needs its reason, which the service asks for."""

    mark = forms.ChoiceField(choices=[("", ""), ("confirmed", ""), ("dismissed", "")], required=False)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


DAY_INPUT = {"type": "date"}


class RangeForm(forms.Form):
    """The shop days to look at, both included."""

    most_days = 366
    date_from = DayField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs=DAY_INPUT))
    date_to = DayField(label=_("To"), widget=forms.DateInput(format="%Y-%m-%d", attrs=DAY_INPUT))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["date_to"].help_text = now("%(most)s days at most") % {"most": self.most_days}
        for field in self.fields.values():
            field.widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("date_from"), given.get("date_to")
        if first and first.year not in YEARS:
            self.add_error("date_from", _("Nothing can be that old."))
        elif first and first > self.today:
            self.add_error("date_from", _("This day has not come yet."))
        elif first and last and first > last:
            self.add_error("date_to", _("This lies before the first day."))
        elif first and last and (last - first).days >= self.most_days:
            self.add_error("date_to", now("That is more than %(most)s days.") % {"most": self.most_days})
        return given


class ShareRangeForm(RangeForm):
    """Not longer: each decision's trace is read."""

    most_days = 31
