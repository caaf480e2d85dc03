"""Lists by cursor: `next`, `results` (CONTRACT 5). Nothing is counted, so the last page is as quick as the first."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from agents.errors import Refused
from core.http.parameters import MAX_BODY_TEXT, query

LONGEST_CURSOR = 2000
YEARS = range(1900, 9000)
"""Of a cursor's time: what lies outside overflows in some time zone."""


class Pages(CursorPagination):
    """A view may name its order in `ordering` (a tuple of fields); by default the oldest first."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> tuple[str, ...]:
        ordering: str | tuple[str, ...] = getattr(view, "ordering", ("pk",))
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)

    def paginate_queryset(  # type: ignore[override]  # a list of no rows of a database has no cursor
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """Raises Refused `invalid_cursor` for a word that no `next` of this list has held."""
        given = query(request)
        if len(given.text(self.cursor_query_param, most=MAX_BODY_TEXT)) > LONGEST_CURSOR:
            raise Refused("invalid_cursor", _("This is not the address of a page."), field="cursor")
        if given.has(self.cursor_query_param) and view is not None:
            self._check(request, queryset, self.get_ordering(request, queryset, view)[0])
        return super().paginate_queryset(queryset, request, view)

    def _check(self, request: Request, queryset: QuerySet[Any], order: str) -> None:
        field: Any
        try:
            cursor = self.decode_cursor(request)
            if cursor is None or cursor.position is None:
                return
            name = order.removeprefix("-")
            field = queryset.model._meta.pk if name == "pk" else queryset.model._meta.get_field(name)
            value: Any = field.to_python(cursor.position)
            if isinstance(value, datetime) and (value.tzinfo is None or value.year not in YEARS):
                raise ValueError(value)
            if "\x00" in str(cursor.position):
                raise ValueError(value)
        except (NotFound, ValidationError, ValueError):
            raise Refused("invalid_cursor", _("This is not the address of a page."), field="cursor") from None

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.get_next_link(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": {"type": "string", "nullable": True, "format": "uri"}, "results": schema},
        }


class NumberedPage:
    """One page of a list whose order is no column's: `offset` and `page_size` of the address."""

    max_offset = 1_000_000

    def __init__(self, request: Request) -> None:
        given = query(request)
        self._url = request.build_absolute_uri()
        self.size = given.number(Pages.page_size_query_param, least=1, most=Pages.max_page_size) or Pages.page_size
        self.first = given.number("offset", most=self.max_offset) or 0

    def response(self, rows: list[Any]) -> Response:
        """Answer with `rows`, of which there is one more than fits where another page follows."""
        more = len(rows) > self.size
        following = replace_query_param(self._url, "offset", self.first + self.size) if more else None
        return Response({"next": following, "results": rows[: self.size]})
