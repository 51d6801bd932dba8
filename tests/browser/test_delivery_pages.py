"""What became of email, as staff see it in Chromium: on the front page, a message's, an invoice's and a customer's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message, Suppression
from tests.browser.conftest import OpenPage, fits, sign_in
from tests.integration.backoffice.scene import accepted, customer, message_of, staff, told
from tests.integration.invoices.conftest import files, issue, mails_about

__all__ = ["files"]

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
SAID = "550-5.1.1 The email account that you tried to reach does not exist. " * 6
Enter = Callable[..., Page]


@pytest.fixture
def enter(open_page: OpenPage, live_server: LiveServer) -> Enter:
    """`enter("admin:index", width=390)`: that page, as an administrator sees it."""

    def act(name: str, *args: object, **options: Any) -> Page:
        page = open_page(**options)
        sign_in(page, staff(), at=live_server.url)
        page.goto(live_server.url + reverse(name, args=args))
        return page

    return act


def bounced() -> Message:
    message = accepted(message_of(customer()), at=now())
    told(message, Kind.BOUNCE, at=now(), is_hard=True, error="user unknown", comment=SAID)
    message.refresh_from_db()
    return message


@SIZES
def test_what_the_server_said_is_unfolded(enter: Enter, width: int) -> None:
    page = enter("admin:outbox_message_change", bounced().id, width=width)
    timeline = page.locator(".bo-timeline")
    expect(timeline.get_by_text("user unknown")).to_be_visible()
    expect(timeline.get_by_text("550-5.1.1")).to_be_hidden()
    timeline.get_by_text("What the server said").click()
    expect(timeline.get_by_text("550-5.1.1")).to_be_visible()
    assert fits(page)


@SIZES
def test_the_front_page_tells_what_became_of_email(enter: Enter, width: int) -> None:
    told(bounced(), Kind.OPEN, at=now())
    other = accepted(message_of(customer("Other", email="other@example.com")), at=now())
    told(other, Kind.OPEN, at=now(), agent="Thunderbird", country="FR")
    page = enter("admin:index", width=width)
    section = page.locator('[data-part="delivery"]')
    expect(section.get_by_text("Delivered")).to_be_visible()
    expect(section.get_by_text("50%").first).to_be_visible()
    assert fits(page)
    section.get_by_role("link", name="Bounced").click()
    expect(page.get_by_text("helene@example.com")).to_be_visible()


@SIZES
def test_from_the_customers_page_the_suppression_is_lifted(enter: Enter, width: int) -> None:
    owner = bounced().customer
    assert owner
    page = enter("admin:customers_customer_change", owner.pk, width=width)
    expect(page.get_by_text("nothing is sent to helene@example.com any more")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Lift the suppression").click()
    page.get_by_role("button", name="Lift the suppression").click()
    expect(page.get_by_text("OmniCRM may write to helene@example.com again.")).to_be_visible()
    assert not Suppression.objects.exists()


@SIZES
def test_an_invoices_timeline_goes_from_issued_to_opened(enter: Enter, width: int) -> None:
    invoice = issue(customer())
    (mail,) = mails_about(invoice)
    told(accepted(mail, at=now()), Kind.SENT, at=now() + timedelta(seconds=1), comment="250 2.0.0 OK")
    told(mail, Kind.OPEN, at=now() + timedelta(seconds=2), agent="Mozilla/5.0 " * 30, country="FR")
    told(mail, Kind.CLICK, at=now() + timedelta(seconds=3), url=f"https://crm.example.com/{'x' * 300}/")
    page = enter("admin:invoices_invoice_change", invoice.pk, width=width)
    timeline = page.locator(".bo-timeline")
    for what in ("issued", "accepted by Mailjet", "delivered", "opened", "link clicked"):
        expect(timeline.get_by_text(what, exact=True)).to_be_visible()
    expect(timeline.get_by_text("France")).to_be_visible()
    assert fits(page)
