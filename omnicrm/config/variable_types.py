"""What a variable of a custom email may hold, and how it is read: from YAML, from JSON, or as somebody typed it.

A refusal is one English sentence that says what to give instead. `gettext` knows it, so that whoever shows it can put
it into the reader's language.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Value: TypeAlias = str | Decimal | date | datetime | bool | tuple[str, ...]

MAX_LINE: Final = 500
MAX_TEXT: Final = 10_000
MAX_URL: Final = 2_000
MAX_ITEMS: Final = 50
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_UNFIT_FOR_URLS = re.compile(r"[\s\"<>\\^`{|}]")
_OF_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_YES_NO: Final = {"true": True, "yes": True, "false": False, "no": False}


def gettext_noop(text: str) -> str:
    """As Django's, which needs settings that are made of this very room. Collectors of texts know it by its name."""
    return text


class VariableType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    DATETIME = "datetime"
    URL = "url"
    YES_NO = "yes_no"
    LIST = "list"


class WrongValue(ValueError):
    """A value that its variable cannot hold. `message` is in English, with places for `params`."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message = message
        self.params = params


def read_value(value: object, kind: VariableType) -> Value | None:
    """The value in its type, or None for one that says nothing: null, an empty text or list. Raises WrongValue."""
    says_nothing = not value.strip() if isinstance(value, str) else value is None or value in ([], ())
    return None if says_nothing else _READERS[kind](value)


def _line(value: object) -> str | None:
    return _checked(_text(value), _CONTROL, most=MAX_LINE)


def _lines(value: object) -> str | None:
    return _checked(_text(value).replace("\r\n", "\n"), _CONTROL_BUT_LINES, most=MAX_TEXT)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue(gettext_noop("Give a text."))
    return value.strip()


def _checked(text: str, forbidden: re.Pattern[str], *, most: int) -> str | None:
    _refuse_length(text, most)
    if found := forbidden.search(text):
        raise WrongValue(gettext_noop("Remove the control character %(code)s."), code=f"U+{ord(found[0]):04X}")
    return text or None


def _refuse_length(text: str, most: int) -> None:
    if len(text) > most:
        too_long = gettext_noop("Use at most %(most)d characters; these are %(length)d.")
        raise WrongValue(too_long, most=most, length=len(text))


def _number(value: object) -> Decimal:
    text = str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text.strip()):
        raise WrongValue(gettext_noop("Give a number such as 1250 or 12.5."))
    return Decimal(text.strip())


def _date(value: object) -> date:
    wrong = WrongValue(gettext_noop("Give a date such as 2026-12-24."))
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise wrong
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        raise wrong from None
    _refuse_far_years(day.year)
    return day


def _datetime(value: object) -> datetime:
    wrong = WrongValue(gettext_noop("Give a date and time with its time zone, such as 2026-12-24T18:00:00+01:00."))
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
    except ValueError:
        raise wrong from None
    if moment.utcoffset() is None:
        raise wrong
    _refuse_far_years(moment.year)
    return moment


def _refuse_far_years(year: int) -> None:
    """Beyond these years there is hardly a meaning, and arithmetic with time zones fails."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise WrongValue(gettext_noop("Use a year from %(first)d to %(last)d."), first=FIRST_YEAR, last=LAST_YEAR)


def _url(value: object) -> str:
    text = _text(value)
    _refuse_length(text, MAX_URL)
    if _CONTROL.search(text) or _UNFIT_FOR_URLS.search(text) or not _leads_somewhere(text):
        raise WrongValue(gettext_noop("Give a web address in full, such as https://example.com/page."))
    return text


def _leads_somewhere(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _OF_THIS_MACHINE))


def _yes_no(value: object) -> bool:
    known = value if isinstance(value, bool) else _YES_NO.get(str(value).strip().lower())
    if known is None:
        raise WrongValue(gettext_noop("Give true or false."))
    return known


def _list(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        raise WrongValue(gettext_noop("Give a list of texts."))
    if len(value) > MAX_ITEMS:
        too_many = gettext_noop("Give at most %(most)d items; these are %(count)d.")
        raise WrongValue(too_many, most=MAX_ITEMS, count=len(value))
    return tuple(item for item in map(_line, value) if item) or None


_READERS: Final[Mapping[VariableType, Callable[[object], Value | None]]] = {
    VariableType.TEXT: _line,
    VariableType.LONG_TEXT: _lines,
    VariableType.NUMBER: _number,
    VariableType.AMOUNT: _number,
    VariableType.DATE: _date,
    VariableType.DATETIME: _datetime,
    VariableType.URL: _url,
    VariableType.YES_NO: _yes_no,
    VariableType.LIST: _list,
}
