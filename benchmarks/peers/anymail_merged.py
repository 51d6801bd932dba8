"""anymail without a queue: 50 recipients merged into one call, each with its own variables.

Tuning: as many threads as the latency asks for, each with its own keep-alive connection.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks import emails
from benchmarks.context import Context
from benchmarks.peer import DirectSender, wait_to_be_measured
from benchmarks.peers.django_anymail import send_merged, set_up_django

THREADS = {0.0: 2, 0.1: 32}

PEER = DirectSender(module=__name__, per_second={0.0: 13_500, 0.1: 8_000})


def main() -> None:
    context = Context.from_environment()
    set_up_django(context)
    with ThreadPoolExecutor(THREADS[context.latency]) as threads:
        calls = emails.batches(int(sys.argv[1]))
        for done in [threads.submit(_send, numbers) for numbers in calls]:
            done.result()
    wait_to_be_measured()


def _send(numbers: Sequence[int]) -> None:
    send_merged({emails.recipient(number): emails.variables(number) for number in numbers})


if __name__ == "__main__":
    main()
