"""An invoice run: services billed, PDFs drawn and stored, messages queued, in one process with its drawing processes.

`python -m benchmarks.ours.invoice_run [COUNT]`; 10,000 customers unless told otherwise. Each has a contact and a
service with one charge. The promise is for 2 cores: 10,000 within 3 minutes.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
from django.db import connection

from benchmarks.ours.installation import set_up
from benchmarks.services import new_database

COUNT, LEAST_PER_SECOND, MOST_GROWTH = 10_000, 10_000 / 180, 1.15
"""Memory grows by so much at most from the first tenth of the run to its end."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Memory is that of this process, in MiB."""

    seconds: float
    memory_early: float
    memory_late: float


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as data, new_database(Path(data)) as database:
        set_up(dsn=database.url, mailjet_url="http://127.0.0.1:9")
        with connection.cursor() as cursor:
            cursor.execute(CUSTOMERS, [count])
        measured = run(count)
        connection.close()
    per_second, growth = count / measured.seconds, measured.memory_late / measured.memory_early
    print(
        f"run of {count:,} invoices: {measured.seconds:.0f} s, {per_second:,.0f} invoices/s on {os.cpu_count()} cores "
    )
    print(f"(at least {LEAST_PER_SECOND:.0f}/s, which is 10,000 in 3 minutes)")
    print(f"memory: {measured.memory_early:.0f} MiB early, {measured.memory_late:.0f} MiB late ", end="")
    print(f"(ratio {growth:.2f}, at most {MOST_GROWTH:.2f})")


def run(count: int) -> Measured:
    from omnicrm.audit.operations import SYSTEM  # noqa: PLC0415 - needs `set_up`
    from omnicrm.invoices.run_queries import progress_of  # noqa: PLC0415 - as above
    from omnicrm.invoices.run_work import work_on  # noqa: PLC0415 - as above
    from omnicrm.invoices.runs import finish, start_run  # noqa: PLC0415 - as above
    from omnicrm.outbox.models import Message  # noqa: PLC0415 - as above

    memory, now = [], datetime.now(UTC)
    began = time.perf_counter()
    started = start_run(start_date=date(2026, 11, 1), end_date=date(2026, 11, 30), by=SYSTEM, now=now)
    while not finish(run_id=started.pk, now=now):
        work_on(run_id=started.pk, now=now)
        memory.append(psutil.Process().memory_info().rss / 2**20)
    seconds = time.perf_counter() - began
    assert progress_of(started.pk).invoiced == Message.objects.count() == count
    return Measured(seconds=seconds, memory_early=memory[len(memory) // 10], memory_late=memory[-1])


CUSTOMERS = """
WITH customer AS (
    INSERT INTO customers_customer (
        customer_name, customer_account_type, customer_payment_type, language, attributes, tags, created_at, updated_at
    )
    SELECT 'Customer ' || n, 'Individual', 'Postpaid', 'fr', '{}', '{}', now(), now() FROM generate_series(1, %s) AS n
    RETURNING id
), contact AS (
    INSERT INTO customers_contact (
        customer_id, contact_type, first_name, last_name, email, phone, marketing_consent_source, created_at, updated_at
    )
    SELECT id, 'billing', '', '', 'c' || id || '@example.com', '', '', now(), now() FROM customer
), service AS (
    INSERT INTO customers_service (
        customer_id, service_uuid, service_name, service_type, state, activated_at, created_at
    )
    SELECT id, gen_random_uuid(), 'Fibre', '', 'active', '2026-01-01', now() FROM customer
    RETURNING id
)
INSERT INTO invoices_recurringcharge (service_id, title, amount, tax_rate, start_date, created_at)
SELECT id, 'Fibre', 30, 20, '2026-01-01', now() FROM service
"""

if __name__ == "__main__":
    main()
