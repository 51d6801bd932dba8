"""`invoice` and `reminders` in crm_config.yaml."""

import re
from datetime import date, timedelta
from decimal import Decimal
from string import Formatter
from typing import Annotated, Literal
from urllib.parse import urlsplit

from holidays import list_supported_countries
from pydantic import AfterValidator, Field, HttpUrl, TypeAdapter, ValidationError, ValidationInfo, field_validator

from omnicrm.config.base import Model
from omnicrm.config.currencies import CURRENCIES
from omnicrm.config.fields import EmailAddress, Line, LinkExpiry, Text, mistake

MAX_NUMBER_LENGTH = 40
PAY_URL_PLACEHOLDERS = ("number", "amount", "currency", "invoice_id", "customer_id", "language")

_SEQUENCE = re.compile(r"\{sequence(?::0?[1-9])?\}")
_LATE = {"year": 9999, "sequence": 10**9 - 1}
_LETTERS_FIRST = 4
"""An IBAN's country and check digits are moved behind the rest before it is checked."""


def _number_pattern(value: str) -> str:
    rest = _SEQUENCE.sub("", value, count=1).replace("{year}", "", 1)
    if not _SEQUENCE.search(value):
        raise mistake("has no {sequence}", 'write a pattern such as "INV-{year}-{sequence:06}"')
    if re.search(r"[^A-Za-z0-9 ./_-]", rest):
        raise mistake(
            "is not a pattern of invoice numbers",
            "use letters, digits, spaces and ./_- beside {year} and {sequence:06}, each of them once",
        )
    if value != value.strip() or len(value.format(**_LATE)) > MAX_NUMBER_LENGTH:
        raise mistake("makes numbers that are too long", f"make them {MAX_NUMBER_LENGTH} characters at most, trimmed")
    return value


def _pay_url(value: str) -> str:
    try:
        names = [name for _, name, spec, _ in Formatter().parse(value) if name is not None or spec]
        filled = value.format(**dict.fromkeys(PAY_URL_PLACEHOLDERS, "1")) if set(names) <= _KNOWN else ""
        TypeAdapter(HttpUrl).validate_python(filled)
    except (ValueError, KeyError, IndexError, ValidationError):
        raise mistake(
            "is not the address of a payment page",
            f"write it in full, with placeholders of {', '.join(f'{{{name}}}' for name in PAY_URL_PLACEHOLDERS)}",
        ) from None
    if "{" in urlsplit(value).netloc:
        raise mistake("has a placeholder in the name of the server", "put placeholders behind it")
    if not {"number", "invoice_id"} & set(names):
        raise mistake("does not say which invoice to pay", "add {number} or {invoice_id}")
    return value


_KNOWN = frozenset(PAY_URL_PLACEHOLDERS)


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise mistake("is not a currency in use", "write its ISO 4217 code, such as EUR")
    return value


def _iban(value: str) -> str:
    compact = value.replace(" ", "").upper()
    moved = compact[_LETTERS_FIRST:] + compact[:_LETTERS_FIRST]
    is_shaped = re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", compact)
    if not is_shaped or int("".join(str(int(character, 36)) for character in moved)) % 97 != 1:
        raise mistake("is not an IBAN", "copy it from a bank statement; its check digits are wrong")
    return " ".join(re.findall(".{1,4}", compact))


def _bic(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", value):
        raise mistake("is not a BIC", "write its 8 or 11 capital letters and digits")
    return value


NumberPattern = Annotated[Line, AfterValidator(_number_pattern)]
PayUrl = Annotated[str, Field(max_length=1000), AfterValidator(_pay_url)]
Currency = Annotated[str, AfterValidator(_currency)]
Iban = Annotated[str, AfterValidator(_iban)]
Bic = Annotated[str, AfterValidator(_bic)]
TaxRate = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)]


class Numbering(Model):
    """Patterns of `{sequence}`, with leading zeros as in `{sequence:06}`, and `{year}`. With a year in it, a series
    begins again at 1 each year; without, it goes on for ever."""

    invoice: NumberPattern = "INV-{year}-{sequence:06}"
    credit_note: NumberPattern = "CN-{year}-{sequence:06}"

    @field_validator("credit_note")
    @classmethod
    def _of_its_own(cls, value: str, info: ValidationInfo) -> str:
        if value == info.data.get("invoice"):
            raise mistake("is the pattern of the invoices too", "give credit notes one of their own")
        return value


class Issuer(Model):
    """What the law wants to read about the company on an invoice, beside the company's name and address."""

    legal_form: Line | Literal[""] = ""
    registration_number: Line | Literal[""] = ""
    tax_number: Line | Literal[""] = ""
    phone: Line | Literal[""] = ""
    email: EmailAddress = ""


class Bank(Model):
    """The account to which customers transfer what they owe."""

    name: Line | Literal[""] = ""
    iban: Iban = ""
    bic: Bic = ""


class Bilingual(Model):
    """A text of the operator's own, as customers read it in their language."""

    fr: Text | Literal[""] = ""
    en: Text | Literal[""] = ""

    def in_language(self, language: str) -> str:
        return {"fr": self.fr, "en": self.en}[language]


class Invoicing(Model):
    """How invoices are numbered, taxed and drawn, and how they are paid. An empty `pay_url`: by transfer only."""

    template_filename: Line | None = None
    currency: Currency = "EUR"
    tax_rate: TaxRate = Field(Decimal(20), description="write a percentage from 0 to 100, such as 20 or 5.5")
    payment_days: int = Field(30, ge=0, le=365, description="write the number of days customers have to pay")
    numbering: Numbering = Numbering()
    link_expiry: LinkExpiry = timedelta(days=90)
    pay_url: PayUrl = ""
    issuer: Issuer = Issuer()
    bank: Bank = Bank()
    payment_terms: Bilingual = Bilingual()
    legal_mentions: Bilingual = Bilingual()


def _steps(value: tuple[int, ...]) -> tuple[int, ...]:
    if list(value) != sorted(set(value)):
        raise mistake("are not in order", "write each number of days once, the smallest first", quoted=False)
    return value


Step = Annotated[int, Field(ge=1, le=365, description="write days from 1 to 365")]
Steps = Annotated[tuple[Step, ...], Field(max_length=10), AfterValidator(_steps)]


def _calendar(value: str) -> str:
    countries = list_supported_countries()
    country, _dash, region = value.partition("-")
    regions = countries.get(country)
    if regions is None:
        is_lower = country.upper() in countries
        meant = f'did you mean "{country.upper()}"?' if is_lower else 'write its two capital letters, such as "FR"'
        raise mistake("is not a country whose public holidays are known", meant)
    if "-" in value and region not in regions:
        known = f"{country} has {', '.join(regions)}" if regions else f'write "{country}" alone'
        raise mistake("is not a region whose public holidays are known", known)
    return value


class Reminders(Model):
    """When customers are reminded of an overdue invoice; without steps, only by hand.

    `classes` gives customers other steps, by a tag of theirs or by their account type. Days count from the due date,
    and the hour is of `server.timezone`. With `working_days_only` none leave on weekends, on the public `holidays` of a
    country or of a region of it ("FR", "FR-57"), and on `closed_days`.
    """

    days_overdue: Steps = (3, 10, 30)
    classes: dict[Line, Steps] = Field(default_factory=dict)
    hour: int = Field(9, ge=0, le=23, description="write an hour from 0 to 23")
    working_days_only: bool = False
    holidays: Annotated[str, AfterValidator(_calendar)] | None = None
    closed_days: tuple[date, ...] = ()
