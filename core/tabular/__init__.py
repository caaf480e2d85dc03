"""Tables out of files that people made: CSV as spreadsheet programs write it, and XLSX; bounded, read row by row."""

from .cells import MAX_EXACT, CellFault, text_fault
from .encodings import NotText, delimiter_of, open_text
from .sheets import Bounds, SheetError, SheetFault, SheetRow, sheet_rows

__all__ = [
    "MAX_EXACT",
    "Bounds",
    "CellFault",
    "NotText",
    "SheetError",
    "SheetFault",
    "SheetRow",
    "delimiter_of",
    "open_text",
    "sheet_rows",
    "text_fault",
]
