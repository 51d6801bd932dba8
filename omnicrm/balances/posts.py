"""Alerts for other channels: each is posted to the operator's webhook, signed, at least once, until it is taken.

    POST, JSON {id, event: "balance.low" | "balance.expired", ...}
    X-OmniCRM-Delivery: the id, the same at every try
    X-OmniCRM-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA-256 of "<t>.<body>" under the secret>

Any answer 2xx takes it. Redirects are not followed: the address is the one that was configured. What is no longer true
when its turn comes is not posted.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import aiohttp
import orjson
from django.db import connection, transaction
from procrastinate.contrib.django import app

from omnicrm.balances.emails import deepest
from omnicrm.balances.links import renewal_url, topup_url
from omnicrm.balances.models import Alert, AlertKind, Balance, Outcome, WebhookPost
from omnicrm.config import current_config
from omnicrm.config.balances import AlertWebhook
from omnicrm.customers.models import Contact, Service

QUEUE: Final = "balances"
JOB: Final = "balances.post_alerts"
DELIVERY: Final = "X-OmniCRM-Delivery"
SIGNATURE: Final = "X-OmniCRM-Signature"
AT_ONCE: Final = 20
LEASE: Final = timedelta(minutes=2)
FIRST_RETRY: Final = timedelta(seconds=10)
LONGEST_RETRY: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = 30
"""Tries, about a day."""
_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
_POSTED = frozenset({Outcome.EMAILED, Outcome.NO_ADDRESS})
_SHOWN_ERROR: Final = 200

Told = tuple[Service, Sequence[Alert], datetime | None]
"""A service, what was decided about it, and when its email may leave."""


def hand_over(told: Iterable[Told], *, now: datetime) -> None:
    """Stores the posts of decided alerts in the caller's transaction: one for each balance, due as its email."""
    if current_config().balances.webhook is None:
        return
    due = [each for each in told if each[1][0].outcome in _POSTED]
    balances = Balance.objects.in_bulk({alert.balance_id for _, alerts, _ in due for alert in alerts})
    phones = _phones({service.customer_id for service, _, _ in due})
    posts: list[WebhookPost] = []
    for service, alerts, not_before in due:
        for alert, balance in deepest([(alert, balances[alert.balance_id]) for alert in alerts]):
            post = WebhookPost(alert=alert, due_at=not_before or now)
            post.body = orjson.dumps(_body(post.id, alert, balance, service, phones)).decode()
            posts.append(post)
    WebhookPost.objects.bulk_create(posts)
    if posts:
        wake(min(post.due_at for post in posts if post.due_at))


def wake(at: datetime) -> None:
    """Defers a job that posts what is due, in the caller's transaction."""
    app.configure_task(JOB, queue=QUEUE, schedule_at=at).defer(timestamp=int(at.timestamp()))


def _phones(customers: Iterable[int]) -> dict[int, str]:
    """The first telephone number of each customer."""
    contacts = Contact.objects.filter(customer_id__in=customers).exclude(phone="").order_by("-pk")
    return dict(contacts.values_list("customer_id", "phone"))


def _body(post_id: UUID, alert: Alert, balance: Balance, service: Service, phones: dict[int, str]) -> dict[str, Any]:
    link = topup_url if alert.kind == AlertKind.LOW else renewal_url
    return {
        "id": post_id,
        "event": f"balance.{alert.kind}",
        "happened_at": alert.happened_at,
        "decided_at": alert.decided_at,
        "customer_id": service.customer_id,
        "customer_name": service.customer.customer_name,
        "language": service.customer.language,
        "phone": phones.get(service.customer_id, ""),
        "service_id": service.pk,
        "service_uuid": service.service_uuid,
        "service_name": service.service_name,
        "balance_id": balance.balance_id,
        "balance_type": balance.balance_type,
        "unit": balance.unit,
        "value": _number(balance.value),
        "initial_value": _number(balance.initial_value),
        "threshold": _number(alert.threshold),
        "expiry": balance.expiry,
        "url": link(service, now=alert.decided_at),
        "email": {"outcome": alert.outcome, "message_id": alert.message_id},
    }


def _number(value: Any) -> str | None:  # noqa: ANN401 - a Decimal, which a float would bend
    return None if value is None else format(value.normalize(), "f")


@dataclass(frozen=True, slots=True)
class Claimed:
    id: UUID
    body: bytes
    attempts: int


def claim(*, now: datetime) -> list[Claimed]:
    """Takes posts that are due, for the length of the lease; what is no longer true is dropped with a note."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "lease": now + LEASE, "limit": AT_ONCE})
        rows = cursor.fetchall()
    return [Claimed(post_id, body.encode(), attempts) for post_id, body, attempts, is_true in rows if is_true]


def record(post: Claimed, error: str | None, *, now: datetime) -> None:
    """Notes how a try ended: taken, or with an error, to be tried again later or not any more."""
    attempts = post.attempts + 1
    wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 16), LONGEST_RETRY)
    is_over = error is None or attempts >= GIVE_UP_AFTER
    WebhookPost.objects.filter(pk=post.id).update(
        attempts=attempts,
        due_at=None if is_over else now + wait,
        delivered_at=now if error is None else None,
        last_error=(error or "")[:_SHOWN_ERROR],
    )


async def post_all(posts: Sequence[Claimed], *, webhook: AlertWebhook, now: datetime) -> list[str | None]:
    """Posts them at once; answers for each None, or why it was not taken."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as session:
        return list(await asyncio.gather(*(_post(session, each, webhook, now) for each in posts)))


async def _post(session: aiohttp.ClientSession, post: Claimed, webhook: AlertWebhook, now: datetime) -> str | None:
    headers = {
        "Content-Type": "application/json",
        DELIVERY: str(post.id),
        SIGNATURE: signature(post.body, secret=webhook.secret.get_secret_value(), at=now),
    }
    try:
        async with session.post(webhook.url, data=post.body, headers=headers, allow_redirects=False) as answer:
            return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"{type(error).__name__}: {error}"


def signature(body: bytes, *, secret: str, at: datetime) -> str:
    """What a receiver computes too, and compares in constant time; an old `t` is a replay."""
    stamp = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={mac.hexdigest()}"


_CLAIM = """
WITH due AS (
    SELECT id FROM balances_webhookpost WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), judged AS (
    SELECT post.id, balances_alert_is_true(alert, balance, service) AS is_true
    FROM due
    JOIN balances_webhookpost AS post USING (id)
    JOIN balances_alert AS alert ON alert.id = post.alert_id
    JOIN balances_balance AS balance ON balance.id = alert.balance_id
    JOIN customers_service AS service ON service.id = balance.service_id
)
UPDATE balances_webhookpost AS post
SET due_at = CASE WHEN judged.is_true THEN %(lease)s END,
    last_error = CASE WHEN judged.is_true THEN post.last_error ELSE 'no longer true' END
FROM judged
WHERE post.id = judged.id
RETURNING post.id, post.body, post.attempts, judged.is_true
"""
