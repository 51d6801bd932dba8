"""Alerts for other channels are posted, signed, until they are taken."""

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from aiohttp import web
from pydantic import SecretStr

from omnicrm.balances import posts
from omnicrm.balances.expiry import look_for_expired
from omnicrm.balances.models import WebhookPost
from omnicrm.config.balances import AlertWebhook
from omnicrm.customers.models import Service
from tests.integration.balances.conftest import NOW, accept, configured, event, new_service

SECRET = "0123456789abcdef"


@dataclass
class Gateway:
    """An operator's SMS gateway. It answers with the statuses in `answers`, then 204."""

    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append(request.headers.copy())
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else None)


@pytest.fixture
def webhook(db: None) -> Iterator[AlertWebhook]:
    """In the configuration, at an address where nobody listens."""
    hook = AlertWebhook(url="http://127.0.0.1:9/alerts", secret=SecretStr(SECRET))
    with configured(webhook=hook, gather=timedelta()):
        yield hook


@pytest.fixture
def service(webhook: AlertWebhook) -> Service:
    return new_service()


def post_due(gateway: Gateway | None, webhook: AlertWebhook, now: datetime = NOW) -> list[str | None]:
    """Posts what is due, as the job does; returns how each try ended."""
    claimed = posts.claim(now=now)

    async def act() -> list[str | None]:
        if gateway is None:
            return await posts.post_all(claimed, webhook=webhook, now=now)
        app = web.Application()
        app.router.add_post("/alerts", gateway.take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            there = webhook.model_copy(update={"url": f"http://127.0.0.1:{port}/alerts"})
            return await posts.post_all(claimed, webhook=there, now=now)
        finally:
            await runner.cleanup()

    errors = asyncio.run(act())
    for post, error in zip(claimed, errors, strict=True):
        posts.record(post, error, now=now)
    return errors


def test_a_low_balance_is_posted_with_a_signature_that_can_be_checked(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 10))
    gateway = Gateway()
    assert post_due(gateway, webhook) == [None]
    (body,), (headers,) = gateway.bodies, gateway.headers
    stamp, given = (part.partition("=")[2] for part in headers[posts.SIGNATURE].split(","))
    expected = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(given, expected)
    assert int(stamp) == int(NOW.timestamp())
    told = orjson.loads(body)
    assert (told["event"], told["value"], told["threshold"], told["unit"]) == ("balance.low", "10", "20", "SMS")
    assert (told["phone"], told["language"]) == ("+33 199001234", "fr")
    assert told["email"]["outcome"] == "emailed"
    assert told["id"] == headers[posts.DELIVERY]


def test_an_expired_balance_is_posted(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 90, expiry=NOW - timedelta(hours=1), tells_expiry=True))
    look_for_expired(now=NOW)
    gateway = Gateway()
    post_due(gateway, webhook)
    assert orjson.loads(gateway.bodies[0])["event"] == "balance.expired"


def test_a_customer_without_an_email_address_is_posted_all_the_same(webhook: AlertWebhook) -> None:
    accept(event(new_service("Durand", contacts=[{"phone": "+33 199005678"}]), 10))
    gateway = Gateway()
    post_due(gateway, webhook)
    assert orjson.loads(gateway.bodies[0])["email"] == {"outcome": "no_address", "message_id": None}


def test_what_is_not_taken_is_posted_again_later_under_the_same_id(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 10))
    gateway = Gateway(answers=[500])
    assert post_due(gateway, webhook) == ["HTTP 500"]
    assert post_due(gateway, webhook, NOW + timedelta(seconds=9)) == []
    assert post_due(gateway, webhook, NOW + timedelta(seconds=10)) == [None]
    assert gateway.bodies[0] == gateway.bodies[1]
    assert gateway.headers[0][posts.DELIVERY] == gateway.headers[1][posts.DELIVERY]
    assert WebhookPost.objects.get().delivered_at == NOW + timedelta(seconds=10)


def test_nobody_there_is_tried_again(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 10))
    (error,) = post_due(None, webhook)
    assert error is not None
    assert error.startswith("ClientConnectorError")
    assert WebhookPost.objects.get().due_at == NOW + timedelta(seconds=10)


def test_a_redirect_is_not_followed(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 10))
    gateway = Gateway(answers=[302])
    assert post_due(gateway, webhook) == ["HTTP 302"]
    assert len(gateway.bodies) == 1


def test_a_worker_that_dies_in_mid_post_leaves_it_to_the_next(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 10))
    (claimed,) = posts.claim(now=NOW)
    assert posts.claim(now=NOW + timedelta(minutes=1)) == []
    assert posts.claim(now=NOW + timedelta(minutes=3)) == [claimed]


def test_what_is_no_longer_true_is_not_posted(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 10))
    accept(event(service, 100, at=1))
    gateway = Gateway()
    assert post_due(gateway, webhook) == []
    assert gateway.bodies == []
    assert (WebhookPost.objects.get().due_at, WebhookPost.objects.get().last_error) == (None, "no longer true")


def test_one_balance_is_posted_once_however_many_steps_it_crossed(service: Service, webhook: AlertWebhook) -> None:
    with configured(low_threshold_percent=(Decimal(50), Decimal(20), Decimal(5)), webhook=webhook, gather=timedelta()):
        accept(event(service, 1))
    assert orjson.loads(WebhookPost.objects.get().body)["threshold"] == "5"


def test_after_many_tries_nobody_tries_any_more(service: Service, webhook: AlertWebhook) -> None:
    accept(event(service, 10))
    WebhookPost.objects.update(attempts=posts.GIVE_UP_AFTER - 1)
    (claimed,) = posts.claim(now=NOW)
    posts.record(claimed, "HTTP 500", now=NOW)
    assert WebhookPost.objects.get().due_at is None


def test_without_a_webhook_nothing_is_kept_for_it(db: None) -> None:
    accept(event(new_service(), 10))
    assert not WebhookPost.objects.exists()
