"""Invoices as integrators meet them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from pytest_django import DjangoAssertNumQueries

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import ActorKind, Entry
from omnicrm.customers.models import Customer
from omnicrm.invoices.importing import MAX_PDF_BYTES
from omnicrm.invoices.models import Invoice
from omnicrm.outbox.models import Message
from tests.integration.api.conftest import Integrator, wrong_fields
from tests.integration.invoices.conftest import A_PDF, NOW, TODAY, issue

DUE = (TODAY + timedelta(days=30)).isoformat()
LINES = [
    {"title": "Fibre", "quantity": 1, "unit_price": 39.99, "tax_rate": 20},
    {"title": "Calls", "quantity": "127.5", "unit_price": "0.0385", "tax_rate": "20"},
    {"title": "Newspapers", "quantity": "1", "unit_price": "9.90", "tax_rate": "2.1"},
]


def an_integrator(role: Role) -> Integrator:
    return Integrator(create_api_key(name=f"shop {role}", role=role, now=NOW).plain_key)


@pytest.fixture
def api(db: None) -> Integrator:
    return an_integrator(Role.BILLING)


def create(api: Integrator, customer: Customer, **fields: Any) -> dict[str, Any]:
    answer = api.post("/invoice", {"customer_id": customer.pk, "due_date": DUE, "lines": LINES, **fields})
    assert answer.status_code == 201, answer.content
    invoice: dict[str, Any] = answer.json()
    return invoice


def test_an_invoice_is_issued_and_mailed_by_one_post(api: Integrator, martin: Customer) -> None:
    invoice = create(api, martin, send=True)
    assert invoice["invoice_number"] == f"INV-{TODAY.year}-000001"
    assert (invoice["state"], invoice["due_date"], invoice["currency"]) == ("issued", DUE, "EUR")
    (email,) = invoice["emails"]
    assert Message.objects.get(pk=email["message_id"]).to_email == email["to_email"] == "helene@example.com"


def test_amounts_are_exact_texts(api: Integrator, martin: Customer) -> None:
    invoice = create(api, martin)
    assert [line["net_amount"] for line in invoice["lines"]] == ["39.99", "4.91", "9.90"]
    assert invoice["lines"][1]["unit_price"] == "0.0385"
    assert invoice["taxes"] == [
        {"tax_rate": "20", "net_amount": "44.90", "tax_amount": "8.98"},
        {"tax_rate": "2.1", "net_amount": "9.90", "tax_amount": "0.21"},
    ]
    assert (invoice["net_amount"], invoice["total_tax"], invoice["total_amount"]) == ("54.80", "9.19", "63.99")


def test_a_draft_is_changed_issued_and_then_stays(api: Integrator, martin: Customer) -> None:
    draft = create(api, martin, draft=True)
    assert (draft["state"], draft["invoice_number"], draft["emails"]) == ("draft", None, [])
    path = f"/invoice/{draft['invoice_id']}"
    assert api.patch(path, {"lines": LINES[:1], "notes": "Merci"}).json()["total_amount"] == "47.99"
    issued = api.post(f"{path}/issue", {"send": False}).json()
    assert (issued["state"], issued["emails"], issued["no_email"]) == ("issued", [], "No email was wanted.")
    for refused in (api.patch(path, {"notes": "x"}), api.delete(path), api.post(f"{path}/issue")):
        assert refused.status_code == 409
        assert "is issued and stays as it is" in refused.json()["detail"]


def test_a_draft_is_discarded(api: Integrator, martin: Customer) -> None:
    path = f"/invoice/{create(api, martin, draft=True)['invoice_id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_what_is_wrong_is_named_by_its_path(api: Integrator, martin: Customer) -> None:
    answer = api.post(
        "/invoice",
        {
            "customer_id": martin.pk,
            "due_date": "2001-01-01",
            "currency": "FRF",
            "lines": [{**LINES[0], "tax_rate": 101}],
        },
    )
    assert set(wrong_fields(answer)) == {"currency", "lines[0].tax_rate"}
    assert set(wrong_fields(api.post("/invoice", {"customer_id": 10**12, "lines": LINES}))) == {"customer_id"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("due_date", "tomorrow", "Give a date, such as 2026-05-31."),
        ("due_date", 12, "Give a date, such as 2026-05-31."),
        ("lines", "none", "Give a list."),
        ("lines", [{"title": "A", "quantity": "one", "unit_price": 1}], "Give a number."),
        ("lines", [{"title": "A", "quantity": 1, "unit_price": "NaN"}], "Give a number."),
    ],
)
def test_wrong_shapes_are_told_in_plain_words(
    api: Integrator, martin: Customer, field: str, value: object, said: str
) -> None:
    answer = api.post("/invoice", {"customer_id": martin.pk, "lines": LINES, field: value})
    assert list(wrong_fields(answer).values()) == [said]
    assert not Invoice.objects.exists()


def test_the_same_post_sent_again_issues_once(api: Integrator, martin: Customer) -> None:
    body = {"customer_id": martin.pk, "lines": LINES}
    first, again = (api.post("/invoice", body, Idempotency_Key="run-1") for _ in range(2))
    assert first.json() == again.json()
    assert Invoice.objects.count() == Message.objects.count() == 1


def test_the_list_filters_and_pages(api: Integrator, martin: Customer) -> None:
    invoices = [issue(martin) for _ in range(3)]
    answer = api.get("/invoice", customer_id=martin.pk, state="issued", limit=2).json()
    assert answer["count"] == 3
    assert [each["invoice_id"] for each in answer["items"]] == [invoices[2].pk, invoices[1].pk]
    assert api.get("/invoice", number=invoices[0].number).json()["items"][0]["invoice_id"] == invoices[0].pk
    assert api.get("/invoice", due_to=TODAY.isoformat()).json()["count"] == 0
    assert api.get("/invoice", state="lost").status_code == 422


def test_a_list_takes_as_many_queries_as_one_invoice(
    api: Integrator, martin: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        issue(martin)
    with django_assert_max_num_queries(5):
        assert len(api.get("/invoice").json()["items"]) == 5


def test_a_payment_is_booked_and_shown(api: Integrator, martin: Customer) -> None:
    path = f"/invoice/{issue(martin).pk}"
    body = {"amount": "20", "date": TODAY.isoformat(), "method": "card", "reference": "CARD-1"}
    payment = api.post(f"{path}/payment", body)
    assert (payment.status_code, payment.json()["amount"]) == (201, "20.00")
    assert api.post(f"{path}/payment", body).status_code == 409
    shown = api.get(path).json()
    assert (shown["state"], shown["balance_due"], len(shown["payments"])) == ("partially_paid", "100.00", 1)
    assert api.post(f"{path}/payment/{payment.json()['payment_id']}/reverse").json()["amount"] == "-20.00"
    assert api.get(path).json()["state"] == "issued"


def test_a_payment_is_not_reversed_through_another_invoice(api: Integrator, martin: Customer) -> None:
    first, other = issue(martin), issue(martin)
    body = {"amount": 20, "date": TODAY.isoformat(), "reference": "A"}
    payment = api.post(f"/invoice/{first.pk}/payment", body).json()
    assert api.post(f"/invoice/{other.pk}/payment/{payment['payment_id']}/reverse").status_code == 404


def test_an_invoice_is_credited_in_part_and_in_whole(api: Integrator, martin: Customer) -> None:
    path = f"/invoice/{issue(martin).pk}"
    part = api.post(f"{path}/credit", {"lines": [{"title": "Too much", "quantity": 1, "unit_price": 50}]})
    assert (part.status_code, part.json()["kind"], part.json()["total_amount"]) == (201, "credit_note", "60.00")
    assert api.post(f"{path}/credit").json()["total_amount"] == "60.00"
    shown = api.get(path).json()
    assert (shown["state"], len(shown["credit_note_ids"])) == ("cancelled", 2)


def test_it_is_sent_again(api: Integrator, martin: Customer) -> None:
    invoice = issue(martin)
    answer = api.post(f"/invoice/{invoice.pk}/email")
    assert (answer.status_code, len(answer.json()["emails"])) == (201, 1)
    assert Message.objects.count() == 2


def test_reminders_pause_and_resume(api: Integrator, martin: Customer) -> None:
    path = f"/invoice/{issue(martin).pk}"
    paused = api.post(f"{path}/pause", {"reason": "dispute", "note": "Wrong tariff"}).json()
    assert (paused["is_paused"], paused["pause_reason"], paused["pause_note"]) == (True, "dispute", "Wrong tariff")
    assert api.post(f"{path}/resume").json()["is_paused"] is False


def test_the_pdf_is_downloaded_and_a_draft_previewed(api: Integrator, martin: Customer) -> None:
    for invoice in (create(api, martin), create(api, martin, draft=True)):
        answer = api.get(f"/invoice/{invoice['invoice_id']}/pdf")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-")


def test_who_did_it_is_recorded(api: Integrator, martin: Customer) -> None:
    create(api, martin)
    entry = Entry.objects.get(target_kind="invoice")
    assert (entry.actor_kind, entry.actor_name) == (ActorKind.API_KEY, "shop Billing")


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY])
def test_some_may_look_and_not_write(martin: Customer, role: Role) -> None:
    reader, invoice = an_integrator(role), issue(martin)
    assert reader.get(f"/invoice/{invoice.pk}").status_code == 200
    for path in ("", f"/{invoice.pk}/email", f"/{invoice.pk}/payment", f"/{invoice.pk}/credit", "/import"):
        assert reader.post(f"/invoice{path}", {}).status_code == 403, path


def test_marketing_sees_no_invoices(martin: Customer) -> None:
    assert an_integrator(Role.MARKETING).get(f"/invoice/{issue(martin).pk}/pdf").status_code == 403


def upload(api: Integrator, customer: Customer, *, pdf: bytes = A_PDF, key: str = "", **fields: str) -> HttpResponse:
    form = {
        "customer_id": str(customer.pk),
        "number": "F-1",
        "issue_date": TODAY.isoformat(),
        "due_date": DUE,
        "total_amount": "120.50",
        "pdf": SimpleUploadedFile("anything.exe", pdf, "image/png"),
        **fields,
    }
    headers = {"X-API-KEY": api.plain_key, **({"Idempotency-Key": key} if key else {})}
    return Client().post("/crm/invoice/import", form, headers=headers)


def test_an_invoice_issued_elsewhere_comes_as_a_form(api: Integrator, martin: Customer) -> None:
    answer = upload(api, martin, start_date="")
    assert answer.status_code == 201, answer.content
    invoice = answer.json()
    assert (invoice["invoice_number"], invoice["total_amount"], invoice["is_imported"]) == ("F-1", "120.50", True)
    assert len(invoice["emails"]) == 1
    assert api.get(f"/invoice/{invoice['invoice_id']}/pdf").content == A_PDF
    assert upload(api, martin).status_code == 409


def test_the_same_form_sent_again_gets_the_same_answer(api: Integrator, martin: Customer) -> None:
    first, again = (upload(api, martin, key="import-1") for _ in range(2))
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    assert upload(api, martin, key="import-1", number="F-2").status_code == 422


def test_a_form_that_is_wrong_says_where(api: Integrator, martin: Customer) -> None:
    assert set(wrong_fields(upload(api, martin, total_amount="much", due_dat=DUE))) == {"total_amount", "due_dat"}
    assert set(wrong_fields(upload(api, martin, pdf=b"MZ"))) == {"pdf"}
    assert api.post("/invoice/import", {"number": "F-1"}).status_code == 415


def test_a_form_that_is_too_large_is_not_even_read(api: Integrator) -> None:
    answer = Client().generic(
        "POST",
        "/crm/invoice/import",
        b"--",
        content_type=MULTIPART_CONTENT,
        headers={"X-API-KEY": api.plain_key},
        CONTENT_LENGTH=str(2 * MAX_PDF_BYTES),
    )
    assert answer.status_code == 413


def test_the_export_of_a_customer_has_its_invoices(martin: Customer) -> None:
    invoice, admin = issue(martin), an_integrator(Role.ADMIN)
    (exported,) = admin.get(f"/customer/{martin.pk}/export").json()["invoices"]
    assert (exported["number"], exported["total_amount"]) == (invoice.number, "120.000")
    assert len(exported["lines"]) == 1
