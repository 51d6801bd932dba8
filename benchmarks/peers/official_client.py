"""Mailjet's official Python client, without a queue: one email per call, or 50.

Tuning: one email per call in one thread, which is how the client is used inside a web request: the latency is paid for
each. 50 per call in as many threads as the latency asks for, each with a client and so a connection of its own.
"""

import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from mailjet_rest import Client

from benchmarks import emails
from benchmarks.context import Context
from benchmarks.peer import DirectSender, wait_to_be_measured

THREADS = {(1, 0.0): 1, (1, 0.1): 1, (50, 0.0): 2, (50, 0.1): 32}
"""By emails per call and latency."""

ONE = DirectSender(module=__name__, arguments=["1"], per_second={0.0: 1130, 0.1: 10})
FIFTY = DirectSender(module=__name__, arguments=["50"], per_second={0.0: 22_000, 0.1: 12_300})


class _Thread(threading.local):
    client: Client | None = None


_thread = _Thread()


def send(context: Context, numbers: Sequence[int]) -> None:
    if _thread.client is None:
        _thread.client = Client(
            auth=(emails.API_KEY, emails.API_SECRET), version="v3.1", api_url=f"{context.sink_url}/"
        )
    results = _thread.client.send.create(data=emails.call(numbers)).json()["Messages"]
    assert all(result["Status"] == "success" for result in results)


def main() -> None:
    context = Context.from_environment()
    per_call, count = int(sys.argv[1]), int(sys.argv[2])
    with ThreadPoolExecutor(THREADS[per_call, context.latency]) as threads:
        calls = (range(start, start + per_call) for start in range(0, count, per_call))
        for done in [threads.submit(send, context, numbers) for numbers in calls]:
            done.result()
    wait_to_be_measured()


if __name__ == "__main__":
    main()
