"""JSON from outside."""

from typing import Any

import orjson
from django.utils.translation import gettext as _


class NotJson(ValueError):
    """str() says where the text stops being JSON."""


def parsed(content: bytes) -> Any:  # noqa: ANN401 - JSON may be anything
    """The value. Raises NotJson."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise NotJson(_("This is not JSON: %(error)s.") % {"error": _mistake(content, error)}) from None


def _mistake(content: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        content.decode()
    except UnicodeDecodeError as broken:
        return _("byte %(position)d is not UTF-8") % {"position": broken.start + 1}
    return str(error)
