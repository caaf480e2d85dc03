"""JSON from outside, as text that can be written again: what is wrong is named with its place."""

import json
from typing import Any

from core.json_text import TooDeep, parse_json
from routing.engine.checking import Malformed


def parsed(raw: bytes, line: int = 0) -> Any:
    """The JSON of a whole file, or of the line with this number. Raises Malformed, naming the place."""
    where = f"line {line}" if line else ""
    try:
        value = parse_json(raw.decode("utf-8" if line > 1 else "utf-8-sig"))
        if b"\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Malformed(where, "holds a lone surrogate, which is no text") from None
    except UnicodeDecodeError as error:
        raise Malformed(where, f"is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"line {line or error.lineno}, column {error.colno}", f"no JSON: {error.msg}") from None
    except TooDeep:
        raise Malformed(where, "is nested too deeply") from None
    except ValueError as error:
        raise Malformed(where, f"no JSON: {error}") from None  # a number of more digits than Python takes
    return value
