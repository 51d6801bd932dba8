"""Emails about prepaid balances and allowances."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from babel.lists import format_list
from django.utils.translation import gettext_lazy as _

from omnicrm.config import current_config
from omnicrm.emails.base import SAMPLE_CUSTOMER, CatalogueEmail, Variable
from omnicrm.emails.formats import LOCALES, DataVolume, Quantity, Wording, formatted

_SERVICE = Wording(fr="Mobile prépayé 20 Go", en="Prepaid mobile 20 GB")


class BalanceType(StrEnum):
    """What a balance is made of."""

    DATA = "data"
    VOICE = "voice"
    SMS = "sms"
    MONETARY = "monetary"
    OTHER = "other"
    SERVICE = "service"
    """The service itself, which has an expiry date but no amount."""


_BALANCE_TYPES = {
    BalanceType.DATA: Wording(fr="Données", en="Data"),
    BalanceType.VOICE: Wording(fr="Voix", en="Voice"),
    BalanceType.SMS: Wording(fr="SMS", en="SMS"),
    BalanceType.MONETARY: Wording(fr="Monétaire", en="Monetary"),
    BalanceType.OTHER: Wording(fr="Autre", en="Other"),
    BalanceType.SERVICE: Wording(fr="Service", en="Service"),
}
_TIME_UNITS = (("h", 3_600), ("min", 60), ("s", 1))
_MAX_TIME_PARTS = 2


@dataclass(frozen=True, slots=True)
class TalkTime:
    """Time to talk, shown briefly: 1 h, 5 min."""

    seconds: int


Amount = Quantity | TalkTime


@dataclass(frozen=True, slots=True)
class Several:
    """Values of several balances, as one text: 1.5 GB and 12 min."""

    values: "tuple[Amount | BalanceType, ...]"


@formatted.register
def _formatted_talk_time(value: TalkTime, language: str) -> str:
    """The two largest units, rounded down."""
    left, parts = value.seconds, []
    for unit, length in _TIME_UNITS:
        count, left = divmod(left, length)
        if count:
            parts.append(_time(count, unit, language))
    return " ".join(parts[:_MAX_TIME_PARTS]) or _time(0, "min", language)


def _time(count: int, unit: str, language: str) -> str:
    # The symbols are the same in every language; CLDR's English short forms, such as "12 mins", are no symbols.
    return f"{formatted(count, language)}\N{NO-BREAK SPACE}{unit}"


@formatted.register
def _formatted_several(value: Several, language: str) -> str:
    """In the order given, each text once."""
    texts = dict.fromkeys(formatted(each, language) for each in value.values)
    return format_list(list(texts), locale=LOCALES[language])


@formatted.register
def _formatted_balance_type(value: BalanceType, language: str) -> str:
    return _BALANCE_TYPES[value].in_language(language)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class BalanceExpired(CatalogueEmail):
    section = "api_crmCommunicationsBalanceExpired"
    sent_when = _("A prepaid balance expires, a monthly allowance passes its renewal date, or a service expires.")
    default_subject = Wording(fr="Votre solde de service a expiré", en="Your service balance has expired")

    customer_name: Annotated[str, Variable(_("Full name of the customer"))]
    service_name: Annotated[str, Variable(_("Name of the expired service"), required=True)]
    expiry_date: Annotated[date, Variable(_("Date on which it expired"))]
    balance_type: Annotated[BalanceType | Several, Variable(_('"Data", "Voice", "Monetary" and so on'))]
    renewal_url: Annotated[str, Variable(_("Link to renew or top up"), required=True)]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            customer_name=SAMPLE_CUSTOMER.in_language(language),
            service_name=_SERVICE.in_language(language),
            expiry_date=date(2026, 11, 24),
            balance_type=BalanceType.DATA,
            renewal_url=f"{current_config().server.public_url}/self-care/services/42/renew/",
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class BalanceLow(CatalogueEmail):
    section = "api_crmCommunicationsBalanceLow"
    sent_when = _("A balance falls below the threshold of its plan or of the charging system; once until topped up.")
    default_subject = Wording(fr="Alerte de solde bas", en="Low balance alert")

    customer_name: Annotated[str, Variable(_("Full name of the customer"))]
    service_name: Annotated[str, Variable(_("Name of the service"), required=True)]
    current_balance: Annotated[Amount | Several, Variable(_("What is left of the balance"), required=True)]
    threshold: Annotated[Amount | Several, Variable(_("Threshold below which the balance has fallen"))]
    balance_type: Annotated[BalanceType | Several, Variable(_('"Data", "Voice", "Monetary" and so on'))]
    topup_url: Annotated[str, Variable(_("Link to top up"), required=True)]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            customer_name=SAMPLE_CUSTOMER.in_language(language),
            service_name=_SERVICE.in_language(language),
            current_balance=DataVolume(3_800_000_000),
            threshold=DataVolume(4_000_000_000),
            balance_type=BalanceType.DATA,
            topup_url=f"{current_config().server.public_url}/self-care/services/42/topup/",
        )
