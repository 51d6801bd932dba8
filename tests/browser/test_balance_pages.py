"""Balances as staff see and change them in Chromium: the course drawn, thresholds tried out, quarantine emptied."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from omnicrm.accounts.models import User
from omnicrm.backoffice.balances import quarantine_replay
from omnicrm.balances import replaying
from omnicrm.balances.models import Plan, Quarantined
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.balances.quarantine import release
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_service
from omnicrm.emails.balances import BalanceType
from tests.browser.conftest import OpenPage, fits, sign_in
from tests.integration.backoffice.scene import staff
from tests.integration.balances.conftest import GIGABYTE, NOW, accept, event, new_service

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
UNKNOWN = UUID("6f1c2d3e-9a41-4d0c-8b55-0e7a3f1f2c11")
Enter = Callable[..., Page]
HOUR = 3_600


@pytest.fixture
def enter(open_page: OpenPage, live_server: LiveServer) -> Enter:
    """`enter(user, "/backoffice/", width=390)`: a page as this user sees it after signing in."""

    def act(user: User, path: str, **options: Any) -> Page:
        page = open_page(language=user.language, **options)
        sign_in(page, user, at=live_server.url)
        page.goto(f"{live_server.url}{path}")
        return page

    return act


def used_up() -> Service:
    """A service whose bundle went down over some days, and was told to be low."""
    of = new_service()
    kind: Any = {"balance_type": BalanceType.DATA, "unit": "B", "balance_id": "bundle-20GB"}
    amounts: Any = {"initial_value": Decimal(20 * GIGABYTE), "expiry": NOW + timedelta(days=9), "tells_expiry": True}
    for at, left in ((-150, "20"), (-120, "16.5"), (-90, "12"), (-60, "20"), (-30, "9"), (-6, "3.9"), (-1, "1.5")):
        accept(event(of, Decimal(left) * GIGABYTE, at=at * HOUR, **kind, **amounts))
    accept(event(of, 4, at=-HOUR, balance_type=BalanceType.MONETARY, unit="EUR", balance_id="credit"))
    return of


@SIZES
def test_a_services_balances_are_drawn_and_told(enter: Enter, width: int) -> None:
    of = used_up()
    page = enter(staff(), "/backoffice/balances/balance/", width=width)
    assert fits(page)
    page.get_by_role("link", name="Mobile 20 Go").first.click()
    expect(page.get_by_role("img", name="Course of the balance").first).to_be_visible()
    line = page.locator(".bo-plot-line").first.bounding_box()
    assert line is not None
    assert line["width"] > 250
    assert fits(page)
    page.get_by_text("The course as a table").first.press("Enter")
    expect(page.get_by_role("cell", name="3.9 GB")).to_be_visible()
    assert fits(page)
    page.goto(f"{page.url.split('/backoffice/')[0]}/backoffice/balances/alert/?service={of.pk}")
    expect(page.get_by_text("The email is queued.").first).to_be_visible()
    assert fits(page)


@SIZES
def test_thresholds_are_tried_out_before_they_are_saved(enter: Enter, width: int) -> None:
    of = used_up()
    plan = create_plan(name="Prepaid 20", steps={"data": ["5%"]}, now=NOW)
    set_service_alerts(service_id=of.pk, plan_id=plan.pk, steps={}, now=NOW)
    page = enter(staff(), f"/backoffice/balances/plan/{plan.pk}/change/", width=width, scripts=False)
    page.get_by_label("Data", exact=True).fill("50%; 2 GB")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("1 customer")
    assert fits(page)
    assert Plan.objects.get().steps == {"data": ["5%"]}
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert Plan.objects.get().steps == {"data": ["50%", "2000000000"]}


def test_a_replay_goes_on_by_itself_until_nothing_is_left(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine_replay, "CHUNKS_AT_ONCE", 1)
    monkeypatch.setattr(replaying.quarantine, "release", lambda **given: release(**{**given, "limit": 1}))
    accept(*(event(UNKNOWN, 40 - at, at=at) for at in range(3)))
    add_service(customer_id=used_up().customer_id, service_name="Late", service_uuid=UNKNOWN, now=NOW)
    page = enter(staff(), "/backoffice/balances/quarantined/", width=390)
    assert fits(page)
    page.get_by_role("link", name="Replay all").click()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("3 events were replayed.")).to_be_visible()
    assert not Quarantined.objects.exists()
