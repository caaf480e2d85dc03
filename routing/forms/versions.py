from typing import Any

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from core.http.parameters import NumberField
from routing.models import RoutingVersion
from routing.selectors import versions


class CompareForm(forms.Form):
    """Two versions to be held against each other, by number; in either order."""

    old = NumberField(
        label=_("From version"), min_value=1, widget=forms.NumberInput(attrs={"class": "form-control", "min": 1})
    )
    new = NumberField(
        label=_("to version"), min_value=1, widget=forms.NumberInput(attrs={"class": "form-control", "min": 1})
    )

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shop = shop
        self.found: dict[str, RoutingVersion] = {}

    def clean(self) -> dict[str, Any]:
        """Each of the two must be there; a missing one is said at its field."""
        given: dict[str, Any] = super().clean() or {}
        rows = {row.number: row for row in versions(self.shop).filter(number__in=given.values())}
        for name, number in list(given.items()):
            if number in rows:
                self.found[name] = rows[number]
            else:
                self.add_error(name, now("There is no version %(number)s.") % {"number": number})
        return given
