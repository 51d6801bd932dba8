"""What a recipient reads: the variables of whole emails in both languages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from omnicrm.emails.balances import BalanceExpired, BalanceLow, BalanceType
from omnicrm.emails.customer import CustomerWelcome
from omnicrm.emails.formats import Money, Percentage
from omnicrm.emails.invoices import CustomerInvoice, CustomerInvoiceReminder
from omnicrm.emails.users import UserPasswordChange, UserPasswordReset, UserPasswordResetSuccess, UserWelcome


def test_an_invoice_reads_naturally_in_french_and_in_english() -> None:
    invoice = replace(
        CustomerInvoice.sample("fr"),
        invoice_date=date(2026, 11, 24),
        total_amount=Money(amount=Decimal("120.50"), currency="EUR"),
    )
    french, english = invoice.variables("fr"), invoice.variables("en")
    assert (french["invoice_date"], french["total_amount"]) == ("24 novembre 2026", "120,50\N{NO-BREAK SPACE}€")
    assert (english["invoice_date"], english["total_amount"]) == ("24 November 2026", "€120.50")


def test_days_overdue_are_a_plain_number() -> None:
    assert replace(CustomerInvoiceReminder.sample("fr"), days_overdue=7).variables("fr")["days_overdue"] == "7"


def test_the_validity_of_a_reset_link_completes_the_sentence_it_expires_in() -> None:
    reset = replace(UserPasswordReset.sample("fr"), expiry_time=timedelta(hours=1))
    assert reset.variables("fr")["expiry_time"] == "1 heure"
    assert reset.variables("en")["expiry_time"] == "1 hour"


def test_a_password_changed_by_its_owner_says_so() -> None:
    change = replace(UserPasswordChange.sample("fr"), changed_by=None)
    assert change.variables("fr")["changed_by"] == "vous-même"
    assert change.variables("en")["changed_by"] == "yourself"


def test_a_password_changed_by_an_administrator_names_them() -> None:
    change = replace(UserPasswordChange.sample("fr"), changed_by="Service informatique")
    assert change.variables("en")["changed_by"] == "Service informatique"


def test_the_moment_of_a_change_is_told_in_the_configured_timezone() -> None:
    change = replace(UserPasswordChange.sample("fr"), change_date=datetime(2026, 11, 24, 13, 30, tzinfo=UTC))
    assert change.variables("fr")["change_date"] == "24 novembre 2026 à 14:30 CET"


def test_a_value_that_is_not_known_is_empty_but_never_left_out() -> None:
    success = replace(UserPasswordResetSuccess.sample("fr"), ip_address=None)
    assert success.variables("fr")["ip_address"] == ""


def test_a_welcome_without_a_temporary_password_still_gives_the_variable() -> None:
    assert replace(UserWelcome.sample("en"), temp_password=None).variables("en")["temp_password"] == ""


def test_a_role_is_named_by_its_label() -> None:
    role = type(UserWelcome.sample("en").role)("Support")
    assert replace(UserWelcome.sample("en"), role=role).variables("en")["role"] == "Support"


@pytest.mark.parametrize(
    ("kind", "french", "english"),
    [
        (BalanceType.DATA, "Données", "Data"),
        (BalanceType.VOICE, "Voix", "Voice"),
        (BalanceType.SMS, "SMS", "SMS"),
        (BalanceType.MONETARY, "Monétaire", "Monetary"),
        (BalanceType.OTHER, "Autre", "Other"),
    ],
)
def test_a_balance_type_is_named_in_the_recipients_language(kind: BalanceType, french: str, english: str) -> None:
    expired = replace(BalanceExpired.sample("fr"), balance_type=kind)
    assert expired.variables("fr")["balance_type"] == french
    assert expired.variables("en")["balance_type"] == english


def test_a_threshold_may_be_a_share_of_a_monetary_balance() -> None:
    low = replace(
        BalanceLow.sample("fr"),
        current_balance=Money(amount=Decimal("1.90"), currency="EUR"),
        threshold=Percentage(Decimal(20)),
    )
    assert low.variables("en")["current_balance"] == "€1.90"
    assert low.variables("fr")["threshold"] == "20\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    "hostile",
    [
        '<script>alert("x")</script>',
        '<a href="https://evil.example.com">win</a>',
        '" onmouseover="alert(1)',
        "</td></tr></table><h1>",
        "<" * 10_000,
    ],
)
def test_a_hostile_name_can_neither_open_a_tag_nor_leave_an_attribute(hostile: str) -> None:
    name = replace(CustomerWelcome.sample("fr"), customer_name=hostile).variables("fr")["customer_name"]
    assert not {"<", ">", '"'} & set(name)


@pytest.mark.parametrize("name", ["Dupont & Fils", "Seán O'Brien", "Éloïse L’Hôpital", "株式会社サンプル", "مؤسسة"])
def test_an_ordinary_name_arrives_as_it_was_written(name: str) -> None:
    assert replace(CustomerWelcome.sample("fr"), customer_name=name).variables("fr")["customer_name"] == name
