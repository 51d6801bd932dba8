"""From a template and an invoice to HTML, by a Jinja2 that reaches nothing but the invoice's own values."""

import difflib
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, cast

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from typing_extensions import override

from omnicrm.invoices.document import (
    ClientDetails,
    CompanyDetails,
    DocumentLine,
    DocumentPayment,
    InvoiceDocument,
    TaxTotal,
)
from omnicrm.invoices.template_files import InvalidTemplate, Template

LOCALES: Final = {"fr": "fr_FR", "en": "en_GB"}
"""Those of the emails: a customer reads the same amount in both. Theirs stand behind Django, which is not here."""
LONGEST_HTML: Final = 50_000_000
"""Characters. An invoice of 5,000 lines has three million."""
VARIABLES: Final = (*(field.name for field in fields(InvoiceDocument)), "transactions", "logo")
REMEMBERED: Final = 8192
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_FIELDS: Final[Mapping[type, frozenset[str]]] = {
    kind: frozenset(field.name for field in fields(kind))
    for kind in (ClientDetails, CompanyDetails, DocumentLine, DocumentPayment, TaxTotal)
}
_NOT_FOR_TEMPLATES: Final = ("safe", "random")
"""The one lets a customer's text through as HTML, the other draws the same invoice differently each time."""


def write_html(document: InvoiceDocument, *, template: Template) -> str:
    """Raises InvalidTemplate, with file and line, whatever goes wrong in the template."""
    variables = {name: getattr(document, name) for name in VARIABLES if name != "logo"}
    try:
        page = _environment(template.folders).get_template(template.name)
        html = "".join(_within_length(page.generate(variables, logo=template.logo)))
    except InvalidTemplate:
        raise
    except Exception as error:
        raise InvalidTemplate(_told(error, template)) from None
    return html.replace("\0", _REPLACEMENT).encode(errors="replace").decode()


def _within_length(parts: Iterator[str]) -> Iterator[str]:
    length = 0
    for part in parts:
        length += len(part)
        if length > LONGEST_HTML:
            error = f"this writes more than {LONGEST_HTML:,} characters; look for a loop without an end"
            cast(Generator[str], parts).throw(OverflowError(error))  # inside the template: so the line is known
        yield part


@cache
def _environment(folders: tuple[Path, ...]) -> "_Sandbox":
    def load(name: str) -> tuple[str, str, Callable[[], bool]]:
        files = Template(folders=folders, name=name)
        try:
            path, text = files.path, files.text(name)
        except InvalidTemplate as error:
            raise TemplateNotFound(name, str(error)) from None
        return text, str(path), partial(_is_as_read, files, path, path.stat().st_mtime_ns)

    return _Sandbox(loader=FunctionLoader(load))


def _is_as_read(files: Template, path: Path, written: int) -> bool:
    """Whether a file that was compiled is still the one to use."""
    try:
        return files.path == path and path.stat().st_mtime_ns == written
    except (InvalidTemplate, OSError):
        return False


class _Unknown(StrictUndefined):
    """Says what the name may have been meant to be."""

    @property
    def _undefined_message(self) -> str:
        name, known = str(self._undefined_name), list(VARIABLES)
        if self._undefined_obj is not missing:
            if not is_dataclass(self._undefined_obj):
                return super()._undefined_message
            known = [field.name for field in fields(self._undefined_obj)]
        near = difflib.get_close_matches(name, known, n=1)
        return f"there is no {name}; " + (f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}")


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"**"})

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Jinja2's own
        super().__init__(autoescape=True, undefined=_Unknown, trim_blocks=True, lstrip_blocks=True, **options)
        for name in _NOT_FOR_TEMPLATES:
            del self.filters[name]
        self.filters.update(money=_money, price=_price, date=_date, number=_number, percent=_percent)

    @override
    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        # Most of what a template asks for, and asking Jinja2's own many questions takes a third of its time.
        return attr in _FIELDS.get(type(obj), ()) or super().is_safe_attribute(obj, attr, value)

    @override
    def call_binop(self, context: Context, operator: str, left: object, right: object) -> NoReturn:
        """One power can take longer than all invoices together, and cannot be interrupted."""
        raise SecurityError(f"templates cannot use {operator}")


def _told(error: Exception, template: Template) -> str:
    file, line = _place(error, template)
    where = f"{file}:{line}" if line else file
    if isinstance(error, TemplateSyntaxError):
        return f"{where}: {error.message}"
    if isinstance(error, MemoryError):
        return f"{where}: it needs more memory than an invoice may take"
    return f"{where}: {error}".replace("\n", " ")


def _place(error: Exception, template: Template) -> tuple[str, int | None]:
    if isinstance(error, TemplateSyntaxError):
        return error.filename or template.name, error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.endswith(".py") and frame.filename.startswith(tuple(map(str, template.folders))):
            return frame.filename, frame.lineno
    return str(template.path), None


def _filter(function: Callable[..., str]) -> Callable[..., str]:
    """A filter that knows the invoice's language and currency, and remembers: a run repeats its dates and amounts."""
    remembering = lru_cache(maxsize=REMEMBERED)(function)

    @pass_context
    def in_context(context: Context, value: object, *options: str, **named: str) -> str:
        if isinstance(value, Undefined):
            value = str(value)  # which says what is missing
        if not isinstance(value, date | Decimal | int):
            what = "is empty; ask {% if %} first" if value is None else f"is {value!r:.40}"
            raise TypeError(f"the filter {function.__name__.strip('_')} needs a number or a date, and this {what}")
        return remembering(value, context["language"], context["currency"], *options, **named)

    return in_context


@_filter
def _money(value: Decimal, language: str, currency: str) -> str:
    """In the invoice's currency, with as many decimals as it has."""
    return format_currency(value, currency, locale=LOCALES[language])


@_filter
def _price(value: Decimal, language: str, currency: str) -> str:
    """As money, with further decimals where there are any: a minute may cost 0.0385."""
    return format_currency(value, currency, locale=LOCALES[language], decimal_quantization=False)


@_filter
def _date(value: date, language: str, _: str, length: Literal["short", "medium", "long", "full"] = "long") -> str:
    return format_date(value, length, locale=LOCALES[language])


@_filter
def _number(value: Decimal, language: str, _: str) -> str:
    return format_decimal(value, locale=LOCALES[language])


@_filter
def _percent(value: Decimal, language: str, _: str) -> str:
    return format_percent(value / 100, locale=LOCALES[language], decimal_quantization=False)
