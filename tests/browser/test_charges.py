"""What services cost, and pausing a customer's reminders, as staff see and use it in Chromium."""

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from omnicrm.accounts.roles import Role
from omnicrm.invoices.reminder_models import ReminderPause
from omnicrm.invoices.run_models import RecurringCharge
from tests.browser.conftest import OpenPage, fits, sign_in
from tests.integration.backoffice.scene import staff
from tests.integration.invoices.conftest import a_customer, files
from tests.integration.invoices.test_runs import a_service, charged

__all__ = ["files"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_a_charge_is_added_from_the_customers_page_and_its_reminders_paused(
    open_page: OpenPage, live_server: LiveServer, width: int
) -> None:
    martin = a_customer()
    charged(martin, "9.5")
    a_service(martin)
    page = open_page(width=width)
    sign_in(page, staff(Role.ADMIN), at=live_server.url)
    page.goto(f"{live_server.url}/backoffice/customers/customer/{martin.pk}/change/")
    expect(page.get_by_text("9.50 EUR a month, without tax")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Add a charge for Fibre").last.click()
    page.locator('[name="amount"]').fill("39,99")
    assert fits(page)
    page.get_by_role("button", name="Add the charge").click()
    page.get_by_role("link", name="Fibre", exact=True).last.click()
    expect(page.get_by_text("Nothing of it was invoiced yet.")).to_be_visible()
    assert fits(page)
    assert RecurringCharge.objects.filter(amount="39.99").exists()
    page.goto(f"{live_server.url}/backoffice/customers/customer/{martin.pk}/change/")
    page.get_by_role("link", name="Pause reminders").press("Enter")
    page.get_by_label("Why").select_option("dispute")
    page.get_by_role("button", name="Pause all reminders").click()
    expect(page.get_by_text("No reminders to this customer:")).to_be_visible()
    assert fits(page)
    assert ReminderPause.objects.get().customer == martin
