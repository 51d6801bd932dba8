"""Balances: events taken in over HTTP, alerts queued, expiries noticed.

`python -m benchmarks.ours.balances NAME` measures one, in a process of its own; `make bench` runs them all.
"""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import orjson
import psycopg

from benchmarks.ours.installation import set_up
from benchmarks.ours.promises import database
from benchmarks.ours.walks import STEPS, replay
from omnicrm.ops.demo.processes import free_port

SERVICES = 20_000
BATCH = 5_000
CLIENTS = 32
WALKERS = 10_000
"""Services that share the walks: so many balances of one service cross together."""


@contextmanager
def serving(config: Path) -> Iterator[str]:
    """`omnicrm serve` as operators run it on two cores; yields the API's address."""
    port = free_port(0)
    command = [sys.executable, "-m", "omnicrm", "--config", str(config), "serve", "--port", str(port)]
    command += ["--workers", "2", "--threads", "16"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}/crm"
    finally:
        server.terminate()
        server.wait(30)


def services(count: int) -> list[UUID]:
    """Active services, each of a customer of its own with an address."""
    from omnicrm.customers.models import Service  # noqa: PLC0415 - needs `set_up`
    from omnicrm.customers.operations import prepare_customer, save_customers  # noqa: PLC0415 - as above

    now = datetime.now(UTC)
    customers = [
        prepare_customer({"customer_name": f"C{at}", "contacts": [{"email": f"c{at}@example.com"}]}, now=now)
        for at in range(count)
    ]
    save_customers(customers)
    made = [
        Service(customer=each.customer, service_name="Mobile", state="active", activated_at=now, created_at=now)
        for each in customers
    ]
    Service.objects.bulk_create(made, batch_size=2_000)
    return [each.service_uuid for each in made]


def events(uuids: Sequence[UUID], count: int, *, low: float = 0.01) -> Iterator[dict[str, object]]:
    """Balances that fall slowly; the share `low` of the events crosses the threshold."""
    source, now = random.Random(6), datetime.now(UTC)  # noqa: S311 - the same load at every run
    for at in range(count):
        value = source.randint(1, 15) if source.random() < low else source.randint(25, 100)
        yield {
            "service_uuid": str(uuids[source.randrange(len(uuids))]),
            "balance_id": "bundle",
            "balance_type": "data",
            "value": value,
            "initial_value": 100,
            "unit": "GB",
            "event_id": str(uuid4()),
            "event_time": (now + timedelta(milliseconds=at)).isoformat(),
        }


@contextmanager
def prepared() -> Iterator[tuple[str, str, str, list[UUID]]]:
    """A served installation: database, API address, API key, services."""
    with database() as dsn:
        config = set_up(dsn=dsn, mailjet_url="http://127.0.0.1:9")
        from omnicrm.accounts.operations import create_api_key  # noqa: PLC0415 - needs `set_up`
        from omnicrm.accounts.roles import Role  # noqa: PLC0415 - as above

        key = create_api_key(name="ocs", role=Role.ADMIN, now=datetime.now(UTC)).plain_key
        known = services(SERVICES)
        with serving(config) as url:
            asyncio.run(_wait_for(url))
            yield dsn, url, key, known


async def _wait_for(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            try:
                async with session.get(f"{url}/health"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


def array() -> None:
    """NDJSON uploads of 5,000 events, two at a time, to the last answer, once most balances are known."""
    with prepared() as (dsn, url, key, known):
        bodies = [b"\n".join(map(orjson.dumps, events(known, BATCH))) for _ in range(14)]
        first, bodies = bodies[:4], bodies[4:]
        asyncio.run(_post_all(f"{url}/balance_event", key, first, clients=2, kind="application/x-ndjson"))
        started = time.monotonic()
        asyncio.run(_post_all(f"{url}/balance_event", key, bodies, clients=2, kind="application/x-ndjson"))
        seconds = time.monotonic() - started
        taken = _count(dsn, "balances_balanceevent")
    assert taken == BATCH * 14
    print(f"balance events, NDJSON: {BATCH * len(bodies) / seconds:,.0f} events/s (at least 5,000)")


def single() -> None:
    """One event per request, 32 clients."""
    with prepared() as (dsn, url, key, known):
        bodies = list(map(orjson.dumps, events(known, 6_000)))
        asyncio.run(_post_all(f"{url}/balance_event", key, bodies[:1_000], clients=CLIENTS))
        started = time.monotonic()
        waits = sorted(asyncio.run(_post_all(f"{url}/balance_event", key, bodies[1_000:], clients=CLIENTS)))
        seconds = time.monotonic() - started
        assert _count(dsn, "balances_balanceevent") == len(bodies)
    print(f"balance events, one by one: {len(waits) / seconds:,.0f} events/s (at least 500), ", end="")
    print(f"answered after {waits[len(waits) // 2] * 1000:.0f} ms in the median")


def alert() -> None:
    """1,000 events/s for 10 s in batches of 100, one in ten crosses: from the request to the message's commit."""
    with prepared() as (dsn, url, key, known):
        waits = sorted(asyncio.run(_paced(f"{url}/balance_event", key, list(events(known, 10_000, low=0.1)))))
        alerts = _count(dsn, "balances_alert")
    print(f"balance alerts: {alerts:,} queued, {waits[len(waits) // 2]:.2f} s after the event in the median, ", end="")
    print(f"{waits[int(len(waits) * 0.99)]:.2f} s at p99 (at most 1), at 1,000 events/s")


def scan() -> None:
    """1,000,000 balances of which 10,000 have just expired: until all are told; and a look when nothing has expired."""
    with database() as dsn:
        set_up(dsn=dsn, mailjet_url="http://127.0.0.1:9")
        from omnicrm.balances.expiry import look_for_expired  # noqa: PLC0415 - needs `set_up`

        services(SERVICES)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(_MILLION)
            connection.execute("ANALYZE balances_balance")
        now = datetime.now(UTC)
        started = time.monotonic()
        told = look_for_expired(now=now)
        seconds = time.monotonic() - started
        started = time.monotonic()
        look_for_expired(now=now)
        idle = time.monotonic() - started
    print(f"expiry scan over 1,000,000 balances: {told:,} told in {seconds:.1f} s, ", end="")
    print(f"{idle * 1000:.1f} ms when there is nothing to tell")


def walks(count: str = "100000") -> None:
    """Walks replayed shuffled and duplicated, against the ordered run (see benchmarks.ours.walks)."""
    with database() as dsn:
        set_up(dsn=dsn, mailjet_url="http://127.0.0.1:9")
        from omnicrm.balances.operations import set_service_alerts  # noqa: PLC0415 - needs `set_up`
        from omnicrm.customers.models import Service  # noqa: PLC0415 - as above

        known = services(WALKERS)
        now = datetime.now(UTC)
        for service in Service.objects.all():
            set_service_alerts(service_id=service.pk, plan_id=None, steps={"*": list(STEPS)}, now=now)
        replay(known, count=int(count))


async def _post_all(
    url: str, key: str, bodies: Sequence[bytes], *, clients: int, kind: str = "application/json"
) -> list[float]:
    """Posts them all, so many at once; returns how long each took."""
    waits: list[float] = []
    left = iter(bodies)

    async def client(session: aiohttp.ClientSession) -> None:
        for body in left:
            started = time.monotonic()
            async with session.post(url, data=body, headers={"X-API-KEY": key, "Content-Type": kind}) as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()
            waits.append(time.monotonic() - started)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(client(session) for _ in range(clients)))
    return waits


async def _paced(url: str, key: str, all_events: Sequence[dict[str, object]]) -> list[float]:
    waits: list[float] = []

    async def send(session: aiohttp.ClientSession, batch: Sequence[dict[str, object]]) -> None:
        started = time.monotonic()
        headers = {"X-API-KEY": key, "Content-Type": "application/json"}
        async with session.post(url, data=orjson.dumps(list(batch)), headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        waits.append(time.monotonic() - started)

    async with aiohttp.ClientSession() as session:
        sending = []
        for start in range(0, len(all_events), 100):
            sending.append(asyncio.create_task(send(session, all_events[start : start + 100])))
            await asyncio.sleep(0.1)
        await asyncio.gather(*sending)
    return waits


def _count(dsn: str, table: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - ours
    assert row is not None
    return int(row[0])


_MILLION = """
INSERT INTO balances_balance (
    service_id, balance_id, balance_type, unit, value, initial_value, expiry, expiry_time, expiry_event_id, expiry_due,
    event_time, event_id, told
)
SELECT service.id, 'b' || number, 'data', 'B', 100, 100, expiry, now(), '', expiry, now(), '', '{}'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM customers_service) AS service,
    generate_series(1, 50) AS number,
    LATERAL (
        SELECT CASE WHEN number = 1 AND place <= 10000 THEN now() - interval '1 hour' ELSE now() + interval '9 days' END
    ) AS due (expiry)
"""

PROMISES: Mapping[str, Callable[..., None]] = {
    "array": array,
    "single": single,
    "alert": alert,
    "scan": scan,
    "walks": walks,
}

if __name__ == "__main__":
    PROMISES[sys.argv[1]](*sys.argv[2:])
