"""The timeline of an invoice, as integrators read it."""

from datetime import timedelta

from django.utils.timezone import now

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.customers.models import Customer
from omnicrm.mailjet.events import Kind
from tests.integration.api.conftest import Integrator
from tests.integration.backoffice.invoice_pages import draft_of, paid
from tests.integration.backoffice.scene import accepted, told
from tests.integration.invoices.conftest import NOW, issue, mails_about


def an_integrator(role: Role) -> Integrator:
    return Integrator(create_api_key(name=f"shop {role}", role=role, now=NOW).plain_key)


def test_it_goes_from_issued_to_paid(martin: Customer) -> None:
    invoice = issue(martin)
    (mail,) = mails_about(invoice)
    start = now()
    told(accepted(mail, at=start + timedelta(seconds=2)), Kind.SENT, at=start + timedelta(seconds=4))
    told(mail, Kind.OPEN, at=start + timedelta(seconds=6))
    paid(invoice, "120", at=start + timedelta(seconds=8))
    answer = an_integrator(Role.BILLING).get(f"/invoice/{invoice.pk}/timeline")
    assert answer.status_code == 200, answer.content
    items = answer.json()["items"]
    assert [item["outcome"] for item in items] == [
        "created",
        "issued",
        "queued",
        "accepted",
        "delivered",
        "opened",
        "paid",
    ]
    assert (items[1]["detail"], items[-1]["detail"]) == (invoice.number, "120.00 EUR")
    assert {item["message_id"] for item in items[2:6]} == {str(mail.id)}


def test_of_a_draft_it_is_short(martin: Customer) -> None:
    draft = draft_of(martin)
    items = an_integrator(Role.BILLING).get(f"/invoice/{draft.pk}/timeline").json()["items"]
    assert [item["outcome"] for item in items] == ["created"]


def test_it_is_for_who_may_read_invoices(martin: Customer) -> None:
    path = f"/invoice/{issue(martin).pk}/timeline"
    assert an_integrator(Role.READ_ONLY).get(path).status_code == 200
    assert an_integrator(Role.MARKETING).get(path).status_code == 403
    assert an_integrator(Role.BILLING).get("/invoice/999999/timeline").status_code == 404
