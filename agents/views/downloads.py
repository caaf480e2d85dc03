"""Tables on their way out of the browser, as CSV that spreadsheet programs read rightly and do not run."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""
RUN = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would be taken for a formula."""


class _Echo:
    """What csv writes into, when each line is to be handed on at once."""

    def write(self, value: str) -> str:
        return value


def csv_download(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The rows under their head, as a stream: memory does not grow with the table. `name` without its ending."""
    response = StreamingHttpResponse(_written(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _written(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(head)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell: object) -> object:
    """A text that a spreadsheet would run is written as text; numbers, negative ones too, stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RUN) else cell
