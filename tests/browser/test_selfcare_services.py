"""My services and the page behind the link of an alert, in a browser, on a desk and on a phone, without scripts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from omnicrm.balances.links import topup_url
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_service
from omnicrm.emails.balances import BalanceType
from tests.browser.conftest import OpenPage, fits, sign_in
from tests.integration.balances.conftest import GIGABYTE, NOW, accept, event
from tests.integration.selfcare.conftest import customer_user

SIZES = pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])


@pytest.fixture
def service(transactional_db: None) -> Service:
    """Of Nina: data is low, voice goes on without end, a bundle has expired, and money is left."""
    user = customer_user("Nina Roux", "nina@example.com")
    service = add_service(
        customer_id=user.customer_id or 0, service_name="Mobile 20 GB, 06 39 98 00 12", state="active", now=NOW
    )
    plan = create_plan(name="Gold", steps={"*": ["20%"]}, now=NOW)
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={}, now=NOW)
    data: Any = {"balance_type": BalanceType.DATA, "unit": "B", "initial_value": Decimal(20 * GIGABYTE)}
    money: Any = {"balance_type": BalanceType.MONETARY, "unit": "EUR", "initial_value": Decimal(10)}
    until: Any = {"expiry": NOW + timedelta(days=9), "tells_expiry": True}
    since: Any = {"expiry": NOW - timedelta(days=2), "tells_expiry": True}
    accept(
        event(service, Decimal("1.5") * GIGABYTE, balance_id="bundle-june", **data, **until),
        event(service, 12 * GIGABYTE, balance_id="bundle-travel-and-roaming-in-the-union", **data, **since),
        event(service, None, balance_id="voice", balance_type=BalanceType.VOICE, unit="s"),
        event(service, "4.20", balance_id="money", **money),
    )
    return service


@SIZES
def test_a_customer_reads_what_is_left_and_what_was_told(
    service: Service, live_server: LiveServer, open_page: OpenPage, width: int
) -> None:
    page = open_page(live_server.url, width=width, scripts=False)
    sign_in(page, service.customer.users.get(), at=live_server.url)
    page.goto(live_server.url + reverse("self_care"))
    page.get_by_role("navigation", name="Self-care").get_by_role("link", name="My services").click()
    expect(page.get_by_text("1.5 GB left of 20 GB")).to_be_visible()
    expect(page.get_by_text("Low", exact=True)).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name=service.service_name).click()
    expect(page.get_by_role("heading", name="Alerts we sent you")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="1.5 GB left, below 4 GB").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_link_of_an_alert_is_read_on_a_phone(
    service: Service, live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page("about:blank", width=390, scripts=False)
    address = topup_url(service, now=NOW).partition("/self-care/")[2]
    page.goto(f"{live_server.url}/self-care/{address}")
    expect(page.get_by_role("heading", name="Top up Mobile 20 GB, 06 39 98 00 12")).to_be_visible()
    expect(page.get_by_text("1.5 GB left of 20 GB")).to_be_visible()
    assert fits(page)
