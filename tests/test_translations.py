"""The interface is whole in both languages: every string has its Chinese, and nothing in the catalogue is left over."""

from pathlib import Path

import polib
import pytest

from tests.translations import ROOT, asked, in_python, in_template, placeholders

CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE))}


def test_every_string_of_the_interface_has_its_chinese(catalogue: dict[str, str]) -> None:
    missing = [f"{where}: {msgid!r}" for msgid, where in asked().items() if not catalogue.get(msgid, "").strip()]
    assert not missing, "\n".join(missing)


def test_a_translation_has_the_placeholders_of_its_string(catalogue: dict[str, str]) -> None:
    wrong = [f"{msgid!r} → {said!r}" for msgid, said in catalogue.items() if placeholders(msgid) != placeholders(said)]
    assert not wrong, "\n".join(wrong)


def test_the_catalogue_holds_nothing_that_is_not_asked_for(catalogue: dict[str, str]) -> None:
    assert not sorted(set(catalogue) - set(asked()))


def test_the_compiled_catalogue_is_made_from_the_written_one(catalogue: dict[str, str]) -> None:
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {entry.msgid: entry.msgstr for entry in compiled} == catalogue


def test_strings_are_found_in_code_and_in_templates() -> None:
    code = "from django.utils.translation import gettext_lazy as now, gettext\n"
    code += 'x = now("one " "two"); y = gettext("three"); z = other("four")'
    assert sorted(in_python(code)) == ["one two", "three"]
    page = "{% load i18n %}{% translate 'a' %}{{ x|default:_('c') }}"
    page += "{% blocktranslate with n=m %}b {{ n }}%{% endblocktranslate %}"
    assert sorted(in_template(page)) == ["a", "b %(n)s%%", "c"]


def test_placeholders_are_told_from_per_cent_signs() -> None:
    assert placeholders("%(rate)s%% of {count} and %s") == ["%(rate)s", "%s", "{count}"]


def test_the_catalogue_is_where_the_settings_look(settings) -> None:
    assert CATALOGUE.parent.parent.parent in [Path(path) for path in settings.LOCALE_PATHS]
