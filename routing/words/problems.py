"""What the document's checks object to, in the reader's language."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PROBLEMS: tuple[tuple[str, str | Promise], ...] = (
    (r"must be a whole number", _("A whole number, please.")),
    (r"must be from (?P<least>\S+) to (?P<most>\S+)", _("From %(least)s to %(most)s.")),
    (r"must be a number above 0, at most (?P<most>\S+)", _("A number above 0, at most %(most)s.")),
    (r"must not be empty", _("This must not be empty.")),
    (r"is longer than (?P<most>\d+) characters", _("At most %(most)s characters.")),
    (r"weights are all 0", _("The weights must not all be 0.")),
    (r'a second group "(?P<name>.*)"', _("There is a group “%(name)s” already.")),
    (r'"(?P<name>.*)" is in two groups \(PDD9\)', _("“%(name)s” is in two groups; one is the most.")),
    (
        r'"(?P<name>.*)" is bound to two groups \(KS11\)',
        _("This order status is bound to two groups; one is the most."),
    ),
    (r'"(?P<name>.*)" is listed twice', _("“%(name)s” is listed twice.")),
    (r'no sub-account "(?P<name>.*)"', _("There is no sub-account “%(name)s”.")),
    (r"holds a NUL character", _("This holds a character that cannot be kept.")),
    (r"must be one of .*", _("This is not among the choices.")),
    (r"must be .*", _("This cannot be read.")),
    (r"unknown key", _("This platform has no such setting.")),
)


def problem_words(problem: str) -> str:
    """A `Malformed.problem` in words; one that is not known as it is."""
    for pattern, words in PROBLEMS:
        found = re.fullmatch(pattern, problem, re.DOTALL)
        if found:
            return str(words) % found.groupdict() if found.groupdict() else str(words)
    return problem
