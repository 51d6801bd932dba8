"""The catalogue against the template contract, which integrators' Mailjet templates rely on letter by letter."""

from dataclasses import dataclass, fields

import pytest

from omnicrm.config import SECTION_NAMES
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.catalogue import CATALOGUE, UnknownSection, email_kind
from omnicrm.emails.customer import CustomerWelcome
from omnicrm.outbox.email import Email
from omnicrm.outbox.states import Lane

CONTRACT = {
    "api_crmCommunicationCustomerWelcome": "customer_name email company_name login_url support_url",
    "api_crmCommunicationCustomerInvoice": (
        "customer_name invoice_number invoice_date due_date total_amount invoice_url pay_url"
    ),
    "api_crmCommunicationCustomerInvoiceReminder": (
        "customer_name invoice_number due_date days_overdue total_amount pay_url invoice_count invoices"
    ),
    "api_crmCommunicationUserWelcome": "user_name email role login_url temp_password support_email",
    "api_crmCommunicationUserPasswordReset": "user_name reset_url expiry_time",
    "api_crmCommunicationUserPasswordResetSuccess": "user_name change_date ip_address support_email",
    "api_crmCommunicationUserPasswordChange": "user_name change_date changed_by support_email",
    "api_crmCommunicationUserAddressChange": "user_name new_email change_date support_email",
    "api_crmCommunicationEmailVerification": "user_name verification_url verification_code",
    "api_crmCommunicationsBalanceExpired": "customer_name service_name expiry_date balance_type renewal_url",
    "api_crmCommunicationsBalanceLow": ("customer_name service_name current_balance threshold balance_type topup_url"),
}
SECRETS = {
    "api_crmCommunicationUserWelcome": {"temp_password"},
    "api_crmCommunicationUserPasswordReset": {"reset_url"},
    "api_crmCommunicationEmailVerification": {"verification_url", "verification_code"},
}
SECURITY = {
    "api_crmCommunicationUserWelcome",
    "api_crmCommunicationUserPasswordReset",
    "api_crmCommunicationUserPasswordResetSuccess",
    "api_crmCommunicationUserPasswordChange",
    "api_crmCommunicationUserAddressChange",
    "api_crmCommunicationEmailVerification",
}
every_email = pytest.mark.parametrize("email", CATALOGUE.values(), ids=lambda email: email.__name__)
every_language = pytest.mark.parametrize("language", ["fr", "en"])


def test_the_catalogue_has_exactly_the_emails_of_the_contract() -> None:
    assert set(CATALOGUE) == set(CONTRACT) == set(SECTION_NAMES)


@every_email
@every_language
def test_an_email_gives_its_template_exactly_the_variables_of_the_contract(
    email: type[CatalogueEmail], language: str
) -> None:
    assert list(email.sample(language).variables(language)) == CONTRACT[email.section].split()


@every_email
def test_the_variables_of_an_email_are_its_fields(email: type[CatalogueEmail]) -> None:
    assert list(email.template_variables) == [field.name for field in fields(email)]  # type: ignore[arg-type]  # each is a dataclass


@every_email
@every_language
def test_a_sample_fills_every_variable_with_text(email: type[CatalogueEmail], language: str) -> None:
    assert all(email.sample(language).variables(language).values())


@every_email
def test_secrets_are_marked(email: type[CatalogueEmail]) -> None:
    assert email.secrets == SECRETS.get(email.section, set())


@every_email
def test_a_secret_never_shows_in_a_repr(email: type[CatalogueEmail]) -> None:
    sample = email.sample("en")
    shown = repr(sample)
    assert [name for name in email.secrets if getattr(sample, name) in shown] == []
    assert all(name in shown for name in email.template_variables)


@every_email
def test_what_concerns_signing_in_goes_before_everything_else(email: type[CatalogueEmail]) -> None:
    assert (email.lane is Lane.SECURITY) == (email.section in SECURITY)


@every_email
def test_staff_can_read_when_an_email_is_sent_and_what_its_variables_mean(email: type[CatalogueEmail]) -> None:
    assert str(email.sent_when).endswith(".")
    assert all(str(variable.meaning) for variable in email.template_variables.values())


def test_an_email_satisfies_what_the_outbox_asks_for() -> None:
    email: Email = CustomerWelcome.sample("fr")  # mypy holds the types against the protocol here
    assert email.section == "api_crmCommunicationCustomerWelcome"


def test_a_missing_variable_cannot_be_constructed() -> None:
    with pytest.raises(TypeError, match="support_url"):
        CustomerWelcome(customer_name="A", email="a@example.com", company_name="B", login_url="https://c.example.com")  # type: ignore[call-arg]  # the mistake under test


def test_a_misspelt_variable_cannot_be_constructed() -> None:
    with pytest.raises(TypeError, match="custmer_name"):
        CustomerWelcome(
            custmer_name="A",  # type: ignore[call-arg]  # the mistake under test
            email="a@example.com",
            company_name="B",
            login_url="https://c.example.com",
            support_url="https://c.example.com",
        )


def test_a_field_that_does_not_say_what_it_means_is_refused_when_its_class_is_made() -> None:
    with pytest.raises(TypeError, match=r"Greeting\.first_name: write Annotated"):

        @dataclass(frozen=True, kw_only=True)
        class Greeting(CatalogueEmail):
            first_name: str


def test_an_email_cannot_be_changed_once_made() -> None:
    email = CustomerWelcome.sample("fr")
    with pytest.raises(AttributeError):
        email.customer_name = "Somebody else"  # type: ignore[misc]  # the mistake under test


def test_a_section_is_found_by_its_name() -> None:
    assert email_kind("api_crmCommunicationCustomerWelcome") is CustomerWelcome


def test_a_misspelt_section_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(UnknownSection, match='did you mean "api_crmCommunicationCustomerWelcome"'):
        email_kind("api_crmComunicationCustomerWelcome")


def test_an_unheard_of_section_is_answered_with_all_there_are() -> None:
    with pytest.raises(UnknownSection, match=r"there are .*api_crmCommunicationsBalanceLow"):
        email_kind("newsletter")
