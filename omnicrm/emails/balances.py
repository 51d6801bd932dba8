"""Emails about prepaid balances and allowances."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from django.utils.translation import gettext_lazy as _

from omnicrm.config import current_config
from omnicrm.emails.base import SAMPLE_CUSTOMER, CatalogueEmail, Variable
from omnicrm.emails.formats import DataVolume, Quantity, Wording, formatted

_SERVICE = Wording(fr="Mobile prépayé 20 Go", en="Prepaid mobile 20 GB")


class BalanceType(StrEnum):
    """What a balance is made of."""

    DATA = "data"
    VOICE = "voice"
    SMS = "sms"
    MONETARY = "monetary"
    OTHER = "other"


_BALANCE_TYPES = {
    BalanceType.DATA: Wording(fr="Données", en="Data"),
    BalanceType.VOICE: Wording(fr="Voix", en="Voice"),
    BalanceType.SMS: Wording(fr="SMS", en="SMS"),
    BalanceType.MONETARY: Wording(fr="Monétaire", en="Monetary"),
    BalanceType.OTHER: Wording(fr="Autre", en="Other"),
}


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
    balance_type: Annotated[BalanceType, Variable(_('"Data", "Voice", "Monetary" and so on'))]
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
    current_balance: Annotated[Quantity, Variable(_("What is left of the balance"), required=True)]
    threshold: Annotated[Quantity, Variable(_("Threshold below which the balance has fallen"))]
    balance_type: Annotated[BalanceType, Variable(_('"Data", "Voice", "Monetary" and so on'))]
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
