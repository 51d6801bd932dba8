"""Writing an invoice: whose, its lines with their totals, how it will look, until it is a draft."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.backoffice.invoicing.draft_form import MAX_ROWS
from omnicrm.customers.models import Customer
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.models import Invoice
from tests.integration.backoffice.conftest import SignIn
from tests.integration.invoices.conftest import NOW, TODAY, YESTERDAY, files, issue, line, martin

__all__ = ["files", "martin"]

ADD = reverse("admin:invoices_invoice_add")
TOTALS = reverse("admin:invoices_invoice_totals")
NAMES = ("title", "quantity", "unit", "unit_price", "tax_rate", "from", "until")


def form(*rows: dict[str, str], **fields: str) -> dict[str, Any]:
    """What a browser posts: each input of each row, empty ones too."""
    columns = {f"line_{name}": [row.get(name, "") for row in rows] for name in NAMES}
    return {"currency": "EUR", "start_date": "", "end_date": "", "due_date": "", "notes": "", **columns, **fields}


FIBRE = {"title": "Fibre", "quantity": "2", "unit_price": "10,50", "tax_rate": "20"}


def adding(customer: Customer) -> str:
    return f"{ADD}?customer={customer.pk}"


def drafted() -> Invoice:
    return Invoice.objects.get()


def test_without_a_customer_the_page_asks_for_whom(admin: Client, martin: Customer) -> None:
    assert f'href="?customer={martin.pk}"' in admin.get(ADD).content.decode()
    assert "Boulangerie Martin" in admin.get(ADD, {"q": "boulang"}).content.decode()
    assert "Nobody was found" in admin.get(ADD, {"q": "garage"}).content.decode()
    assert admin.get(ADD, {"customer": "9" * 30}).status_code == 200


def test_a_filled_in_form_becomes_a_draft(admin: Client, martin: Customer) -> None:
    day = {"title": "Option", "unit_price": "-1", "from": "2026-05-01", "until": "2026-05-31"}
    filled = form(FIBRE, {}, day, due_date=TODAY.isoformat(), notes="Merci", step="save")
    response = admin.post(adding(martin), filled)
    draft = drafted()
    assert response["Location"] == reverse("admin:invoices_invoice_change", args=[draft.pk])
    assert (draft.customer, draft.total_amount, draft.due_date, draft.notes) == (martin, Decimal(24), TODAY, "Merci")
    first, second = draft.lines.all()
    assert (first.title, first.quantity, first.unit_price, first.net_amount) == ("Fibre", 2, Decimal("10.5"), 21)
    assert (second.quantity, second.tax_rate, str(second.start_date)) == (1, 20, "2026-05-01")


def test_saving_to_issue_leads_to_the_question(admin: Client, martin: Customer) -> None:
    response = admin.post(adding(martin), form(FIBRE, step="issue"))
    assert response["Location"] == reverse("admin:invoices_invoice_issue_page", args=[drafted().pk])
    assert drafted().number is None


def test_recalculating_without_scripts_keeps_what_was_typed_and_adds_it_up(admin: Client, martin: Customer) -> None:
    page = admin.post(adding(martin), form(FIBRE, {"title": "half"}, step="recalculate")).content.decode()
    assert "€25.20" in page
    assert 'value="10,50"' in page
    assert 'value="half"' in page
    assert "Lines that are not complete yet do not count." in page
    assert "Some lines need a look." not in page
    assert not Invoice.objects.exists()


def test_more_lines_come_without_scripts(admin: Client, martin: Customer) -> None:
    page = admin.post(adding(martin), form(FIBRE, step="more")).content.decode()
    assert page.count('name="line_title"') == 4
    assert 'value="Fibre"' in page


def test_live_totals_are_those_of_the_saved_draft(admin: Client, martin: Customer) -> None:
    rows = [
        {"title": "a", "quantity": "3", "unit_price": "0.335", "tax_rate": "5.5"},
        {"title": "b", "unit_price": "99.99", "tax_rate": "20"},
        {"title": "c", "unit_price": "-3.33", "tax_rate": "20"},
    ]
    shown = admin.post(TOTALS, form(*rows)).content.decode()
    admin.post(adding(martin), form(*rows, step="save"))
    assert f"€{drafted().total_amount:.2f}" in shown
    assert [f"<data>{each.net_amount:.2f}</data>" in shown for each in drafted().lines.all()] == [True] * 3


@pytest.mark.parametrize("typed", ["", "x", "1e99", "NaN", "1,234", "--1"])
def test_what_is_no_number_yet_counts_for_nothing(admin: Client, typed: str, db: None) -> None:
    shown = admin.post(TOTALS, form(FIBRE, {"title": "b", "unit_price": typed})).content.decode()
    assert "€25.20" in shown
    assert "do not count" in shown


def test_a_french_reader_types_and_reads_french_numbers(sign_in: SignIn, martin: Customer) -> None:
    browser = sign_in(language="fr")
    shown = browser.post(TOTALS, form({"title": "a", "unit_price": "1 234,567"})).content.decode()
    assert "<data>1234,57</data>" in shown
    draft = create_draft(customer_id=martin.pk, now=NOW, lines=[line("10.5")])
    page = browser.get(reverse("admin:invoices_invoice_edit_page", args=[draft.pk])).content.decode()
    assert 'value="10,5"' in page


@pytest.mark.parametrize(
    ("rows", "fields", "said"),
    [
        ([{"title": "", "unit_price": "1"}], {}, "Title: "),
        ([{"title": "a", "unit_price": "x"}], {}, "Unit price: Give a number."),
        ([{"title": "a", "unit_price": "1", "tax_rate": "101"}], {}, "Tax, in %: "),
        ([{"title": "a", "unit_price": "1", "from": "soon"}], {}, "From: Give a date"),
        ([FIBRE], {"due_date": YESTERDAY.isoformat()}, "The due date lies before the date of issue"),
        ([FIBRE], {"start_date": "2026-05-02", "end_date": "2026-05-01"}, "The period ends before it starts."),
        ([{"title": "a", "unit_price": "-5"}], {}, "an invoice cannot be negative"),
        ([FIBRE], {"currency": "XXX"}, "Select a valid choice"),
    ],
    ids=["title", "price", "rate", "day", "due", "period", "negative", "currency"],
)
def test_wrong_input_is_said_where_it_is_and_nothing_is_saved(
    admin: Client, martin: Customer, rows: list[dict[str, str]], fields: dict[str, str], said: str
) -> None:
    page = admin.post(adding(martin), form(*rows, **fields, step="save")).content.decode()
    assert said in page
    assert not Invoice.objects.exists()


def test_the_preview_is_a_pdf_and_saves_nothing(admin: Client, martin: Customer) -> None:
    response = admin.post(adding(martin), form(FIBRE, step="preview"))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert not Invoice.objects.exists()


def test_hostile_text_stays_text(admin: Client, martin: Customer) -> None:
    admin.post(adding(martin), form({"title": "<script>alert(1)</script>", "unit_price": "1"}, step="save"))
    page = admin.get(reverse("admin:invoices_invoice_change", args=[drafted().pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


class TestChanging:
    def test_shows_what_is_stored_and_replaces_it(self, admin: Client, martin: Customer) -> None:
        draft = create_draft(customer_id=martin.pk, now=NOW, lines=[line("10"), line("5", title="Option")], notes="old")
        page = reverse("admin:invoices_invoice_edit_page", args=[draft.pk])
        shown = admin.get(page).content.decode()
        assert 'value="Option"' in shown
        assert "€18.00" in shown
        admin.post(page, form(FIBRE, step="save"))
        assert (drafted().total_amount, drafted().notes, drafted().lines.count()) == (Decimal("25.2"), "", 1)

    def test_what_is_issued_cannot_be_changed(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        page = reverse("admin:invoices_invoice_edit_page", args=[invoice.pk])
        response = admin.post(page, form(FIBRE, step="save"), follow=True)
        assert "is issued and stays as it is" in response.content.decode()
        assert drafted().total_amount == invoice.total_amount

    def test_a_draft_too_long_for_a_browser_is_left_to_the_api(self, admin: Client, martin: Customer) -> None:
        draft = create_draft(customer_id=martin.pk, now=NOW, lines=[line("1")] * (MAX_ROWS + 1))
        page = reverse("admin:invoices_invoice_edit_page", args=[draft.pk])
        assert "through the API only" in admin.get(page, follow=True).content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MARKETING, Role.READ_ONLY])
def test_only_who_may_write_invoices_writes_one(role: Role, sign_in: SignIn, martin: Customer) -> None:
    browser = sign_in(role)
    assert browser.get(adding(martin)).status_code == 403
    assert browser.post(adding(martin), form(FIBRE, step="save")).status_code == 403
    assert browser.post(TOTALS, form(FIBRE)).status_code == 403
    assert not Invoice.objects.exists()
