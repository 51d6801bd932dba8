"""What becomes of emails after Mailjet has taken them: real server, worker and webhook, and readers at their inbox."""

import asyncio
import shutil
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from mailjet_sandbox.control import Message, SandboxControl
from omnicrm.mailjet.transport import Transport
from omnicrm.mailjet.webhooks import register
from tests.stories.conftest import Installation, wait_until

WEBHOOK = "  webhook: {username: mailjet, password: 'st/ory:p@ss'}\n"
WEBHOOK_URL = "http://mailjet:st%2Fory%3Ap%40ss@localhost:{port}/crm/mailjet/events"
OFFER, OFFER_TEMPLATE = "offer", 5977530
OFFER_FILE = f"""
title: Offer
category: marketing
from_email: news@yourcompany.com
from_name: News
template_id: {OFFER_TEMPLATE}
subject: Offre
"""
INVOICE = {
    "start_date": "2026-11-01",
    "end_date": "2026-11-30",
    "lines": [{"title": "Fibre", "quantity": "1", "unit_price": "30", "tax_rate": "20"}],
}


@pytest.fixture(scope="module")
def _with_offers(_installation: Installation) -> Iterator[Installation]:
    """The server knows of the webhook and of a marketing email of the operator's own; it reads both as it starts."""
    folder = _installation.home / "email_templates"
    folder.mkdir()
    (folder / f"{OFFER}.yaml").write_text(OFFER_FILE, encoding="utf-8")
    _installation.stop_server()
    yield _installation
    _installation.stop_server()
    shutil.rmtree(folder)


@pytest.fixture
def told(
    _with_offers: Installation, installation: Installation, sandbox: SandboxControl, sandbox_url: str
) -> Installation:
    """Server and worker, to whom Mailjet tells what happens."""
    config = installation.home / "crm_config.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("  base_url:", f"{WEBHOOK}  base_url:"), encoding="utf-8")
    sandbox.put_template(OFFER_TEMPLATE, html="<p>-</p>", text="-")
    installation.serve()
    asyncio.run(register_webhook(sandbox_url, port=installation.port))
    installation.start("worker")
    return installation


async def register_webhook(sandbox_url: str, *, port: int) -> None:
    """As `omnicrm webhook register`, which would take longer to start."""
    async with Transport(base_url=sandbox_url, api_key="story-key", api_secret="story-secret") as transport:
        await register(transport, url=WEBHOOK_URL.format(port=port))


def create_customer(installation: Installation, address: str) -> Any:
    """Is welcomed."""
    contact = {"contact_type": "primary", "email": address}
    body = {"customer_name": "Customer", "language": "fr", "contacts": [contact]}
    return installation.call("POST", "/customer", body)


def message_in(installation: Installation, state: str, customer: Any, section: str) -> Any:
    """The customer's one message of that section, with its timeline, as soon as it is in that state."""
    path = f"/message?customer_id={customer['customer_id']}&section={section}&state={state}"
    wait_until(lambda: installation.call("GET", path)["count"] == 1)
    (found,) = installation.call("GET", path)["items"]
    return installation.call("GET", f"/message/{found['message_id']}")


def welcome_in(installation: Installation, state: str, customer: Any) -> Any:
    return message_in(installation, state, customer, "api_crmCommunicationCustomerWelcome")


def invoice_in(installation: Installation, state: str, customer: Any) -> Any:
    return message_in(installation, state, customer, "api_crmCommunicationCustomerInvoice")


def outcomes(installation: Installation, message: Any) -> list[str]:
    timeline = installation.call("GET", f"/message/{message['message_id']}")["timeline"]
    return [event["outcome"] for event in timeline]


def in_inbox(sandbox: SandboxControl, message: Any) -> Message:
    return sandbox.message(int(message["mailjet_message_id"]))


def open_in_inbox(sandbox_url: str, arrived: Message) -> None:
    with urllib.request.urlopen(f"{sandbox_url}/message/{arrived.message_id}/mail", timeout=60) as shown:
        assert shown.status == 200


def test_the_timeline_of_an_invoice_says_that_it_was_delivered_and_opened(
    told: Installation, sandbox: SandboxControl, sandbox_url: str
) -> None:
    told.run("webhook", "status")  # ends with 0 only if all is in order
    customer = create_customer(told, "reader@example.com")
    told.call("POST", "/invoice", {**INVOICE, "customer_id": customer["customer_id"]})
    message = invoice_in(told, "delivered", customer)
    assert [event["outcome"] for event in message["timeline"]] == ["queued", "accepted", "delivered"]

    open_in_inbox(sandbox_url, in_inbox(sandbox, message))
    wait_until(lambda: "opened" in outcomes(told, message))
    assert outcomes(told, message) == ["queued", "accepted", "delivered", "opened"]
    assert invoice_in(told, "delivered", customer)["state"] == "delivered"


def test_an_address_that_does_not_exist_is_written_to_once(told: Installation, sandbox: SandboxControl) -> None:
    customer = create_customer(told, "gone+hardbounce@example.com")
    bounced = welcome_in(told, "bounced", customer)
    assert bounced["reason"].startswith("Hard bounce: user unknown")
    assert bounced["timeline"][-1]["outcome"] == "bounced"

    told.call("POST", "/invoice", {**INVOICE, "customer_id": customer["customer_id"]})
    assert invoice_in(told, "suppressed", customer)["reason"].startswith("Hard bounce: user unknown")
    assert len(sandbox.messages(to="gone+hardbounce@example.com")) == 1


def test_who_unsubscribes_at_mailjet_gets_invoices_and_no_marketing(
    told: Installation, sandbox: SandboxControl
) -> None:
    customer = create_customer(told, "shopper@example.com")
    contact_id = customer["contacts"][0]["contact_id"]
    told.call("PUT", f"/contact/{contact_id}/marketing_consent")
    offer = {"section": OFFER, "customer_id": customer["customer_id"], "variables": {}}
    told.call("POST", "/message", offer)
    first = message_in(told, "delivered", customer, OFFER)
    sandbox.emit(in_inbox(sandbox, first).message_id, "unsub")
    wait_until(lambda: "unsubscribed" in outcomes(told, first))

    told.call("POST", "/message", offer)
    told.call("POST", "/invoice", {**INVOICE, "customer_id": customer["customer_id"]})
    assert "unsubscribed" in message_in(told, "suppressed", customer, OFFER)["reason"]
    invoice_in(told, "delivered", customer)


def test_events_told_twice_and_in_the_wrong_order_come_to_the_same(told: Installation, sandbox: SandboxControl) -> None:
    sandbox.settings(hold_events=True)
    customer = create_customer(told, "patient@example.com")
    welcome = welcome_in(told, "accepted", customer)
    message_id = in_inbox(sandbox, welcome).message_id
    sandbox.emit(message_id, "bounce", hard_bounce=False, error="greylisted", error_related_to="domain")
    sandbox.emit(message_id, "open")
    for reverse in (True, False):
        assert sandbox.flush_events(reverse=reverse, times=2).problems == ()
    assert welcome_in(told, "delivered", customer)["reason"] == ""
    assert sorted(outcomes(told, welcome)) == ["accepted", "deferred", "delivered", "opened", "queued"]
