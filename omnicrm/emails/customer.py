"""Emails about being a customer."""

from dataclasses import dataclass
from typing import Annotated, Self

from django.utils.translation import gettext_lazy as _

from omnicrm.config import current_config
from omnicrm.emails.base import SAMPLE_CUSTOMER, CatalogueEmail, Variable
from omnicrm.emails.formats import Wording


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CustomerWelcome(CatalogueEmail):
    section = "api_crmCommunicationCustomerWelcome"
    sent_when = _(
        "A customer signs up in self-care, staff create a customer, or a first service is activated; "
        "once per customer in all."
    )
    default_subject = Wording(fr="Bienvenue", en="Welcome")

    customer_name: Annotated[str, Variable(_("Full name of the customer"))]
    email: Annotated[str, Variable(_("Email address of the customer"))]
    company_name: Annotated[str, Variable(_("Name of your company"))]
    login_url: Annotated[str, Variable(_("Link to the self-care portal"), required=True)]
    support_url: Annotated[str, Variable(_("Link to the support page"))]

    @classmethod
    def sample(cls, language: str) -> Self:
        company = current_config().company
        return cls(
            customer_name=SAMPLE_CUSTOMER.in_language(language),
            email="helene@example.com",
            company_name=company.name,
            login_url=company.login_url,
            support_url=company.support_url,
        )
