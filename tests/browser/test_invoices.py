"""Invoices as staff and customers see and use them in Chromium: written with live totals, issued, found, asked for."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from omnicrm.accounts.models import User
from omnicrm.accounts.roles import Role
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Customer
from omnicrm.invoices.days import local_day
from omnicrm.invoices.issuing import create_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.outbox.models import Message
from tests.browser.conftest import OpenPage, fits, sign_in
from tests.integration.backoffice.scene import staff
from tests.integration.invoices.conftest import NOW, a_customer, files, issue, line
from tests.integration.invoices.test_runs import charged, start, work
from tests.integration.selfcare.conftest import customer_user

__all__ = ["files"]

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
BOTH = pytest.mark.parametrize("language", ["en", "fr"])
TOTAL = {"en": "€49.20", "fr": "49,20"}
Enter = Callable[..., Page]


@pytest.fixture
def enter(open_page: OpenPage, live_server: LiveServer) -> Enter:
    """`enter(user, "/backoffice/", width=390)`: a page as this user sees it after signing in."""

    def act(user: User, path: str, **options: Any) -> Page:
        page = open_page(language=user.language, **options)
        sign_in(page, user, at=live_server.url)
        page.goto(f"{live_server.url}{path}")
        return page

    return act


def late(customer: Customer, days: int) -> Invoice:
    then = NOW - timedelta(days=days)
    fields: Any = {"lines": [line()], "due_date": local_day(then)}
    return create_invoice(customer_id=customer.pk, send=False, by=SYSTEM, now=then, **fields).invoice


@BOTH
@SIZES
def test_an_invoice_is_written_with_live_totals_and_issued(enter: Enter, width: int, language: str) -> None:
    martin = a_customer()
    path = f"/backoffice/invoices/invoice/add/?customer={martin.pk}"
    page = enter(staff(Role.BILLING, language=language), path, width=width)
    page.locator('[name="line_title"]').fill("Fibre 1 Gb/s")
    page.locator('[name="line_quantity"]').fill("2")
    page.locator('[name="line_unit_price"]').fill("18,00")
    page.locator("[data-adds-row]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Option TV")
    page.locator('[name="line_unit_price"]').last.fill("5.00" if language == "en" else "5,00")
    expect(page.locator("#totals")).to_contain_text(TOTAL[language])
    expect(page.locator("[data-net]").last).to_have_text(re.compile("^5"))
    assert fits(page)
    page.locator('button[name="step"][value="issue"]').click()
    expect(page.get_by_text(TOTAL[language])).to_be_visible()
    assert fits(page)
    page.locator('main form button[type="submit"], #content form button[type="submit"]').last.click()
    expect(page.locator(".bo-timeline")).to_be_visible()
    assert fits(page)
    invoice = Invoice.objects.get()
    assert str(invoice.number) in page.content()
    assert Message.objects.get().attachments


def test_a_removed_line_leaves_the_totals(enter: Enter) -> None:
    martin = a_customer()
    page = enter(staff(Role.BILLING), f"/backoffice/invoices/invoice/add/?customer={martin.pk}")
    page.locator('[name="line_unit_price"]').fill("10")
    expect(page.locator("#totals")).to_contain_text("€12.00")
    page.locator("[data-adds-row]").click()
    page.locator('[name="line_unit_price"]').last.fill("100")
    expect(page.locator("#totals")).to_contain_text("€132.00")
    page.locator("[data-removes-row]").first.click()
    expect(page.locator("#totals")).to_contain_text("€120.00")


def test_without_scripts_a_button_recalculates(enter: Enter) -> None:
    martin = a_customer()
    path = f"/backoffice/invoices/invoice/add/?customer={martin.pk}"
    page = enter(staff(Role.BILLING), path, scripts=False)
    page.locator('[name="line_unit_price"]').fill("10")
    page.get_by_role("button", name="Recalculate").click()
    expect(page.locator("#totals")).to_contain_text("€12.00")
    page.get_by_role("button", name="More lines").click()
    expect(page.locator('[name="line_title"]')).to_have_count(4)
    expect(page.locator('[name="line_unit_price"]').first).to_have_value("10")


@SIZES
def test_what_is_overdue_is_found_through_the_chart(enter: Enter, width: int) -> None:
    martin = a_customer()
    old, _new = late(martin, 45), late(martin, 3)
    page = enter(staff(Role.BILLING), "/backoffice/invoices/invoice/", width=width)
    assert fits(page)
    page.locator(".bo-age").nth(1).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text(str(old.number))
    expect(page.locator(".bo-sums")).to_contain_text("€120.00")
    page.get_by_role("link", name=str(old.number)).click()
    expect(page.locator(".bo-timeline")).to_be_visible()
    assert fits(page)


@SIZES
def test_a_run_is_watched_to_its_end(enter: Enter, width: int) -> None:
    charged(a_customer())
    run = start(is_dry=True)
    page = enter(staff(Role.BILLING), f"/backoffice/invoices/invoicerun/{run.pk}/change/", width=width)
    expect(page.get_by_text("0 of 1 customer is done.")).to_be_visible()
    work(run)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # asks at once, not in five seconds
    expect(page.get_by_text("1 of 1 customer is done.")).to_be_visible()
    expect(page.locator('[data-part="progress"]')).to_contain_text("€36.00")
    expect(page.locator('a[href$="/for-real/"]')).to_be_attached()
    assert fits(page)


@BOTH
@SIZES
def test_a_customer_finds_an_invoice_and_asks_for_a_copy(enter: Enter, width: int, language: str) -> None:
    zoe = customer_user("Zoé Petit", "zoe@example.com", language=language)
    assert zoe.customer
    invoice = issue(zoe.customer)
    late(zoe.customer, 9)
    page = enter(zoe, "/self-care/invoices/", width=width)
    expect(page.locator(".badge.bad")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name=str(invoice.number)).click()
    with page.expect_download() as download:
        page.locator('a[href$="/pdf/"]').click()
    assert download.value.suggested_filename == f"{invoice.number}.pdf"
    page.locator('form[action$="/copy/"] button').click()
    expect(page.get_by_role("status")).to_contain_text("zoe@example.com")
    assert fits(page)
