"""An invoice's email: to whom, once, with the PDF, and only while it is true."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Contact, ContactType, Customer
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.errors import TooManyCopies, WrongState
from omnicrm.invoices.guards import CANCELLED, NO_CONTACT
from omnicrm.invoices.mailing import COPIES_PER_DAY, send_again, send_copy_to_customer
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.payments import register_payment
from omnicrm.invoices.pdf_files import is_too_large_to_mail, read_pdf
from omnicrm.invoices.queries import too_large_to_mail
from omnicrm.outbox.models import Message
from omnicrm.outbox.runtime import running_outbox
from omnicrm.outbox.states import State
from tests.integration.invoices.conftest import NOW, TODAY, a_customer, issue, line, mails_about
from tests.integration.outbox.conftest import config_for


@pytest.fixture
def drain(sandbox: SandboxControl, sandbox_url: str) -> Callable[[], None]:
    """Lets a worker send what is queued."""

    async def act() -> None:
        async with running_outbox(config_for(sandbox_url), clock=lambda: NOW) as outbox:
            await outbox.dispatcher.drain()

    return lambda: asyncio.run(act())


def a_contact(kind: ContactType, email: str, **fields: str) -> dict[str, Any]:
    return {"contact_type": kind, "email": email, "phone": "+33 1 99 00 12 34", **fields}


PRIMARY = a_contact(ContactType.PRIMARY, "boss@example.com")
BILLING = a_contact(ContactType.BILLING, "books@example.com")
OTHER = a_contact(ContactType.OTHER, "other@example.com")


@pytest.mark.parametrize(
    ("contacts", "addresses"),
    [
        ([OTHER, PRIMARY, BILLING], ["books@example.com"]),
        ([BILLING, {**BILLING, "email": "tax@example.com"}], ["books@example.com", "tax@example.com"]),
        ([BILLING, {**BILLING, "email": "Books@example.com"}], ["books@example.com"]),
        ([OTHER, PRIMARY], ["boss@example.com"]),
        ([{**BILLING, "email": ""}, PRIMARY], ["boss@example.com"]),
        ([{**PRIMARY, "email": ""}, OTHER], ["other@example.com"]),
        ([{**PRIMARY, "email": ""}], []),
    ],
    ids=["billing", "each billing one", "no address twice", "primary", "billing without", "first", "none"],
)
@pytest.mark.django_db
def test_it_goes_to_the_billing_contacts_else_the_primary_else_the_first(
    contacts: list[dict[str, Any]], addresses: list[str]
) -> None:
    assert [mail.to_email for mail in mails_about(issue(a_customer(contacts=contacts)))] == addresses


def test_it_is_in_the_language_of_the_customer(db: None) -> None:
    (mail,) = mails_about(issue(a_customer(language="en")))
    assert (mail.language, mail.variables["total_amount"]) == ("en", "€120.00")


def test_its_subject_is_the_prefix_and_the_number(martin: Customer) -> None:
    invoice = issue(martin)
    assert mails_about(invoice)[0].subject == f"Votre Facture - {invoice.number}"


def test_a_hostile_name_stays_text(db: None) -> None:
    (mail,) = mails_about(issue(a_customer(customer_name="<b>Bobby</b> {{var:x}}")))
    assert mail.variables["customer_name"].startswith("&lt;b&gt;Bobby")


@pytest.mark.django_db(transaction=True)
def test_the_pdf_arrives_as_it_was_issued(drain: Callable[[], None], sandbox: SandboxControl) -> None:
    invoice = issue(a_customer())
    drain()
    (message,) = sandbox.messages()
    (file,) = message.attachments
    assert (file.filename, file.content_type) == (f"{invoice.number}.pdf", "application/pdf")
    assert sandbox.download(file) == read_pdf(invoice)


@pytest.mark.django_db(transaction=True)
def test_one_that_is_cancelled_meanwhile_is_not_sent(drain: Callable[[], None], sandbox: SandboxControl) -> None:
    invoice = issue(a_customer())
    credit_invoice(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
    drain()
    assert [(mail.state, mail.reason) for mail in mails_about(invoice)] == [(State.CANCELLED, CANCELLED)]
    assert sandbox.messages() == []


@pytest.mark.django_db(transaction=True)
def test_one_to_an_address_that_is_gone_is_not_sent(drain: Callable[[], None], sandbox: SandboxControl) -> None:
    invoice = issue(a_customer())
    Contact.objects.update(email="new@example.com")
    drain()
    assert [(mail.state, mail.reason) for mail in mails_about(invoice)] == [(State.CANCELLED, NO_CONTACT)]


@pytest.mark.django_db(transaction=True)
def test_one_that_is_paid_meanwhile_is_sent_for_the_books(drain: Callable[[], None], sandbox: SandboxControl) -> None:
    invoice = issue(a_customer())
    register_payment(
        invoice_id=invoice.pk,
        amount=invoice.total_amount,
        date=TODAY,
        method="card",
        reference="A",
        by=SYSTEM,
        now=NOW,
    )
    drain()
    assert len(sandbox.messages()) == 1


def test_one_too_large_for_mailjet_goes_without_its_pdf_and_staff_see_it(
    martin: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnicrm.invoices.pdf_files.LARGEST_ATTACHED", 100)
    monkeypatch.setattr("omnicrm.invoices.queries.LARGEST_ATTACHED", 100)
    invoice = issue(martin)
    (mail,) = mails_about(invoice)
    assert (mail.attachments, is_too_large_to_mail(invoice)) == ([], True)
    assert Invoice.objects.filter(too_large_to_mail()).get() == invoice


def test_it_can_be_sent_again_as_often_as_staff_wish(martin: Customer) -> None:
    invoice = issue(martin)
    for _ in range(COPIES_PER_DAY + 1):
        (message,) = send_again(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
    assert message.to_email == "helene@example.com"
    assert len(mails_about(invoice)) == COPIES_PER_DAY + 2


def test_a_customer_gets_so_many_copies_a_day_over_all_invoices(martin: Customer) -> None:
    invoices = [issue(martin), issue(martin)]
    for index in range(COPIES_PER_DAY):
        copy(martin, invoices[index % 2])
    with pytest.raises(TooManyCopies, match=f"You have asked for {COPIES_PER_DAY} copies today; ask again tomorrow"):
        copy(martin, invoices[0])
    assert Message.objects.count() == COPIES_PER_DAY + 2


def test_a_copy_to_several_contacts_counts_once(db: None) -> None:
    customer = a_customer(contacts=[BILLING, {**BILLING, "email": "tax@example.com"}])
    invoice = issue(customer)
    for _ in range(COPIES_PER_DAY):
        assert len(copy(customer, invoice)) == 2


def test_the_next_day_a_customer_may_ask_again(martin: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = issue(martin)
    for _ in range(COPIES_PER_DAY):
        copy(martin, invoice)
    later = NOW + timedelta(days=1, minutes=10)
    assert send_copy_to_customer(invoice_id=invoice.pk, customer_id=martin.pk, by=SYSTEM, now=later)


def test_a_customer_gets_no_copy_of_the_invoices_of_others(martin: Customer) -> None:
    with pytest.raises(Invoice.DoesNotExist):
        copy(a_customer(), issue(martin))


def copy(customer: Customer, invoice: Invoice) -> list[Message]:
    return send_copy_to_customer(invoice_id=invoice.pk, customer_id=customer.pk, by=SYSTEM, now=NOW)


def test_what_is_no_invoice_to_pay_is_not_sent_again(martin: Customer) -> None:
    cancelled = issue(martin)
    note = credit_invoice(invoice_id=cancelled.pk, by=SYSTEM, now=NOW)
    draft = create_draft(customer_id=martin.pk, lines=[line()], now=NOW)
    for invoice, said in (
        (cancelled, "is cancelled by a credit note"),
        (note, "is a credit note"),
        (draft, "It is still a draft; issue it first"),
    ):
        with pytest.raises(WrongState, match=said):
            send_again(invoice_id=invoice.pk, by=SYSTEM, now=NOW)


def test_without_any_address_it_is_not_sent_again(martin: Customer, files: Path) -> None:
    invoice = issue(martin)
    Contact.objects.update(email="", phone="+33 1 99 00 12 34")
    with pytest.raises(WrongState, match="No contact of the customer has an email address"):
        send_again(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
