"""What processes do to each other and to the email: killed, stopped, started together, cut off from the database."""

import re
import subprocess
import time
from collections import Counter

from mailjet_sandbox.control import SandboxControl
from omnicrm.database.embedded import ensure_embedded
from tests.stories.conftest import PATIENCE, Installation, kill, stop, wait_until


def test_a_worker_killed_in_mid_call_loses_nothing_and_sends_nothing_twice(
    installation: Installation, sandbox: SandboxControl
) -> None:
    installation.serve()
    sandbox.settings(latency_seconds=6)
    worker = installation.start("worker")
    installation.create_customer(1)
    wait_until(lambda: installation.states() == {"claimed": 1})
    time.sleep(1)  # the request is on its way
    kill(worker)
    wait_until(lambda: len(sandbox.messages()) == 1)
    sandbox.settings(latency_seconds=0)

    with installation.database() as connection:  # time passes: the lease ends, and the first look-up is due
        connection.execute("UPDATE outbox_message SET lease_until = now() - interval '1 second'")
    installation.start("worker")
    wait_until(lambda: installation.states() == {"unknown": 1})
    with installation.database() as connection:
        connection.execute("UPDATE outbox_message SET not_before = now()")
    wait_until(lambda: installation.states() == {"accepted": 1})
    assert len(sandbox.messages()) == 1


def test_a_stopped_worker_finishes_the_call_in_flight(installation: Installation, sandbox: SandboxControl) -> None:
    installation.serve()
    sandbox.settings(latency_seconds=4)
    worker = installation.start("worker")
    installation.create_customer(1)
    wait_until(lambda: installation.states() == {"claimed": 1})
    assert stop(worker) == 0
    assert installation.states() == {"accepted": 1}


def test_two_workers_started_together_share_the_work(installation: Installation, sandbox: SandboxControl) -> None:
    installation.serve()
    installation.create_customers(2000)
    installation.start("worker")
    installation.start("worker")
    wait_until(lambda: installation.states() == {"accepted": 2000})
    recipients = {message.recipient for message in sandbox.messages()}
    assert len(recipients) == 2000
    assert sum(call.messages for call in sandbox.calls()) == 2000


def test_the_database_restarted_under_load_costs_no_message(
    installation: Installation, sandbox: SandboxControl
) -> None:
    installation.serve()
    installation.create_customers(3000)
    sandbox.settings(latency_seconds=0.3)
    installation.start("worker")
    wait_until(lambda: installation.states().get("accepted", 0) > 0)
    restart_database(installation)
    sandbox.settings(latency_seconds=0)
    wait_until(lambda: "queued" not in installation.states())
    wait_until(lambda: time_passes(installation).keys() <= {"accepted", "unknown"})
    recipients = Counter(message.recipient for message in sandbox.messages())
    assert set(recipients.values()) == {1}
    assert sum(installation.states().values()) == 3000
    assert installation.states()["accepted"] <= len(recipients)
    installation.stop_server()  # so that no other test has to do with what the restart cut off


def time_passes(installation: Installation) -> dict[str, int]:
    """The leases of claims whose answer the restart cut off come to their end."""
    with installation.database() as connection:
        connection.execute("UPDATE outbox_message SET lease_until = now() - interval '1 s' WHERE state = 'claimed'")
    time.sleep(1)
    return installation.states()


def restart_database(installation: Installation) -> None:
    """As `kill -9` of the whole server: the next user starts it, and it recovers."""
    data = installation.home / "var" / "postgres"
    pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    subprocess.run(["/bin/kill", "-QUIT", str(pid)], check=True)
    time.sleep(1)
    ensure_embedded(data)


def test_a_server_before_the_migration_says_what_to_do(installation: Installation) -> None:
    with installation.database() as connection:
        connection.execute("CREATE TABLE kept AS SELECT * FROM django_migrations")
        connection.execute("DELETE FROM django_migrations WHERE app = 'outbox'")
    worker = installation.start("worker")
    status = worker.wait(PATIENCE)
    with installation.database() as connection:
        connection.execute("TRUNCATE django_migrations; INSERT INTO django_migrations SELECT * FROM kept")
        connection.execute("DROP TABLE kept")
    assert status == 1
    assert re.search(r"run `omnicrm migrate` first\n$", installation.log("worker"))
