"""Read query parameters and posted fields: typed, bounded, refused at their place. The one place that reads them."""

import re
from collections.abc import Container, Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

MAX_TEXT = 500
MAX_BODY_TEXT = 6 * 1024 * 1024
"""For a posted text whose length the service judges, with words of its own."""
MAX_NUMBER = 2**63 - 1
"""The largest primary key."""
MAX_SMALL_NUMBER = 2**31 - 1
"""The largest value of an integer column."""
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(8999, 12, 30)
"""A day more or less, in any time zone, is still a date."""
DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class BadParameter(BadRequest):
    """A parameter that cannot be read: pages answer 400, the API 400 with `code` and the field."""

    def __init__(self, name: str, code: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.code, self.message = name, code, message


class Parameters:
    """The parameters of one request. A missing one is no error; one that cannot be read raises BadParameter."""

    def __init__(self, given: QueryDict) -> None:
        self._given = given

    def has(self, *names: str) -> bool:
        """Tell if one of them was sent, even empty."""
        return any(name in self._given for name in names)

    def text(self, name: str, default: str = "", *, most: int = MAX_TEXT) -> str:
        """A text of at most `most` characters."""
        value = self._given.get(name, default)
        if len(value) > most:
            said = _("The text is longer than %(most)s characters.") % {"most": most}
            raise BadParameter(name, "text_too_long", said)
        return value

    def choice(self, name: str, offered: Container[str], default: str = "") -> str:
        """One of what is offered; anything else is the default."""
        value = self.text(name, default)
        return value if value in offered else default

    def number(self, name: str, *, least: int = 0, most: int = MAX_NUMBER) -> int | None:
        """A whole number in ASCII digits; None where none is given."""
        value = self._given.get(name, "")
        if not value:
            return None
        if not DIGITS.fullmatch(value) or not least <= int(value) <= most:
            raise BadParameter(name, "invalid_number", _("A whole number is needed."))
        return int(value)

    def day(self, name: str) -> date | None:
        """A date YYYY-MM-DD within FIRST_DAY and LAST_DAY; None where none is given."""
        value = self._given.get(name, "")
        if not value:
            return None
        try:
            day = date.fromisoformat(value) if DAY.fullmatch(value) else date.min
        except ValueError:
            day = date.min
        if not FIRST_DAY <= day <= LAST_DAY:
            raise BadParameter(name, "invalid_date", _("Not a date: “%(given)s”.") % {"given": value[:20]})
        return day

    def form(self, *names: str) -> QueryDict | None:
        """The data of a form, whose fields are typed themselves; None where nothing, or none of `names`, was sent."""
        return self._given if (self.has(*names) if names else self._given) else None

    @property
    def data(self) -> QueryDict:
        """The data of a form that is always bound."""
        return self._given

    def sent(self, *, without: str = "") -> dict[str, str]:
        """Return the parameters that are not empty, for links to the same page with one of them changed."""
        return {name: value for name, value in self._items() if name != without and value}

    def _items(self) -> Iterator[tuple[str, str]]:
        for name in self._given:
            yield name, str(self._given[name])


def query(request: HttpRequest) -> Parameters:
    """The parameters of the address. Takes DRF's request too."""
    return Parameters(request.GET)


def posted(request: HttpRequest) -> Parameters:
    """The fields of a posted form that are read without a form class."""
    return Parameters(request.POST)


class DayField(forms.DateField):
    """A day of a form, within FIRST_DAY and LAST_DAY, as its browser's control writes it."""

    default_validators = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class NumberField(forms.IntegerField):
    """A whole number of a form that every database takes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators += [MinValueValidator(-MAX_SMALL_NUMBER), MaxValueValidator(MAX_SMALL_NUMBER)]
