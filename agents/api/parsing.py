"""What a body may hold."""

import codecs
import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from core.json_text import TooDeep, parse_json


class TextJSONParser(JSONParser):
    """JSON of bounded depth whose strings are text: half a character, as `"\\ud800"` names one, can be neither kept
    nor sent again."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            data = parse_json(codecs.decode(stream.read(), encoding), allow_constants=False)
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ParseError(_("The JSON holds half a character (a surrogate without its other).")) from None
        except TooDeep:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except (ValueError, LookupError) as error:
            raise ParseError(f"JSON parse error - {error}") from None
        return data
