"""django-post-office + anymail, one row per email in PostgreSQL.

Tuning: `send_queued_mail` with two processes, one per core, and larger batches than by default, since it forks and
reconnects for each; threads to cover the latency; no log rows. It knows nothing of a provider's templates, so the
variables travel in a header that anymail's own `pre_send` signal turns into the template call: far cheaper than
rendering HTML for each.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from anymail.message import AnymailMessage
from anymail.signals import pre_send
from django.core.management import call_command

from benchmarks import emails
from benchmarks.context import Context
from benchmarks.peer import Command, Peer, wait_to_be_measured
from benchmarks.peers.django_anymail import set_up_django

PROCESSES = 2
THREADS = {0.0: 2, 0.1: 64}
BATCH = 500
VARIABLES_HEADER = "X-Template-Variables"

_context = Context.from_environment()
set_up_django(
    _context,
    INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    POST_OFFICE={
        "BACKENDS": {"default": "anymail.backends.mailjet.EmailBackend"},
        "BATCH_SIZE": BATCH,
        "THREADS_PER_PROCESS": THREADS[_context.latency],
        "LOG_LEVEL": 0,
    },
)

from post_office import mail  # noqa: E402 - its models need the settings
from post_office.models import STATUS, Email  # noqa: E402 - same reason


def use_template(message: AnymailMessage, **_: object) -> None:
    message.template_id = emails.TEMPLATE_ID
    message.merge_global_data = json.loads(message.extra_headers.pop(VARIABLES_HEADER))


class PostOfficeQueue:
    per_second: ClassVar = {0.0: 1050, 0.1: 775}

    def prepare(self, _context: Context, count: int) -> Sequence[Command]:
        call_command("migrate", verbosity=0)
        mail.send_many([_queued(number) for number in range(count)])
        return [[sys.executable, "-m", __name__]]

    def remaining(self, _context: Context) -> int:
        return int(Email.objects.exclude(status=STATUS.sent).count())


def _queued(number: int) -> dict[str, Any]:
    return {
        "recipients": emails.recipient(number),
        "sender": f"{emails.SENDER_NAME} <{emails.SENDER_EMAIL}>",
        "subject": emails.SUBJECT,
        "headers": {VARIABLES_HEADER: json.dumps(emails.variables(number))},
    }


PEER: Peer = PostOfficeQueue()


def main() -> None:
    pre_send.connect(use_template)
    with tempfile.TemporaryDirectory() as directory:
        call_command("send_queued_mail", processes=PROCESSES, lockfile=str(Path(directory, "post_office")))
    wait_to_be_measured()


if __name__ == "__main__":
    main()
