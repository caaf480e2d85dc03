"""Many sub-accounts from a file: checked line by line, shown, and only then made, all of them or none.

Between preview and confirmation the rows stay in the form, signed, with whoever sent them: the server keeps neither the
file nor a password. Given passwords are hashed a few seconds at a time, the form coming back with hashes in place of
texts, so that no request lasts long and the shop's lane is held for the writing alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.services.sub_accounts_bulk import (
    NewRow,
    Problem,
    RowsRefused,
    hash_given,
    hash_random,
    problems_of,
    random_password,
)
from agents.views.access import shop_page
from core.http.parameters import MAX_BODY_TEXT, posted
from routing import services
from routing.forms.sheets import MAX_BYTES
from routing.forms.sub_accounts import FileForm
from routing.forms.sub_accounts_file import head_names, read_sub_accounts, sealed, unsealed

HASHING_SECONDS = 4.0
PAGE = "routing/sub_accounts/import.html"


@dataclass(frozen=True)
class Shown:
    """A line of the preview."""

    row: NewRow
    problems: list[Problem]


def shown(rows: Sequence[NewRow], problems: Sequence[Problem]) -> dict[str, Any]:
    """What the preview's template takes: each line with what is wrong with it, those with problems also on top."""
    of: dict[int, list[Problem]] = {}
    for problem in sorted(problems, key=lambda problem: problem.line):
        of.setdefault(problem.line, []).append(problem)
    return {
        "lines": [Shown(row, of.get(row.line, [])) for row in rows],
        "wrong": [problem for line in of.values() for problem in line],
        "wrong_lines": len(of),
        "random": sum(not row.password and not row.hashed for row in rows),
    }


@sensitive_variables()
@never_cache
@shop_page(Permission.SUB_ACCOUNTS_EDIT, proof=True)
def sub_account_import(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The file is chosen, and what would be made of it is shown; nothing is made."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    context: dict[str, Any] = {"form": form, "head": head_names()}
    if request.method != "POST" or not form.is_valid():
        return render(request, PAGE, context, status=422 if form.errors else 200)
    file = form.cleaned_data["file"]
    try:
        read = read_sub_accounts(file.name or "", file.read(MAX_BYTES + 1))
        problems = [*read.problems, *problems_of(actor=actor, rows=read.rows)]
    except Refused as refused:
        form.refuse(refused)
        return render(request, PAGE, context, status=422)
    context |= shown(read.rows, problems) | {"name": file.name, "unknown": read.unknown, "preview": True}
    if not problems:
        context["rows"] = sealed(actor, read.rows)
    return render(request, PAGE, context, status=422 if problems else 200)


@sensitive_variables()
@sensitive_post_parameters()
@require_POST
@never_cache
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_import_confirm(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Make what was shown. While given passwords are still to be hashed the answer is a form that goes on by itself."""
    form = FileForm()
    context: dict[str, Any] = {"form": form, "head": head_names()}
    try:
        rows = unsealed(actor, posted(request).text("rows", most=MAX_BODY_TEXT))
        rows, left = hash_given(rows, seconds=HASHING_SECONDS)
        if left:
            going = {"rows": sealed(actor, rows), "done": len(rows) - left, "of": len(rows), "left": left}
            return render(request, "routing/sub_accounts/import_going.html", going)
        made, texts = _with_passwords(rows)
        services.add_sub_accounts(actor=actor, rows=made)
    except RowsRefused as refused:
        context |= shown(rows, refused.problems) | {"preview": True, "notice": str(refused.message)}
        return render(request, PAGE, context, status=409)
    except Refused as refused:
        context["notice"] = str(refused.message)
        return render(request, PAGE, context, status=409)
    result = [{"row": row, "password": texts.get(row.account, "")} for row in made]
    context = {"result": result, "count": len(result), "random": len(texts)}
    return render(request, "routing/sub_accounts/import_done.html", context, status=201)


@sensitive_variables()
def _with_passwords(rows: Sequence[NewRow]) -> tuple[list[NewRow], dict[str, str]]:
    """The rows with a hash each, and the texts of those that were made here, to be shown this once."""
    texts = {row.account: random_password() for row in rows if not row.hashed}
    return [row.with_hash(hash_random(texts[row.account])) if row.account in texts else row for row in rows], texts


@require_GET
@shop_page(Permission.SUB_ACCOUNTS_EDIT)
def sub_account_template(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """A file to begin with; with the mark by which Excel knows UTF-8."""
    example = ("小满-售前01", "小满", f"{_('Agent')}、{_('Logistics agent')}", "10", "")
    text = "\ufeff" + "".join(",".join(line) + "\r\n" for line in (head_names(), example))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="sub-accounts.csv"'
    return response
