"""Sending a template to look at it in a real mailbox: made-up data, marked as a test."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID, uuid4

from django.db import transaction

from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, Actor
from omnicrm.customers.addresses import normalise
from omnicrm.emails.catalogue import email_kind
from omnicrm.emails.recording import note_email
from omnicrm.outbox.email import Email, Recipient, TemplateValue
from omnicrm.outbox.operations import MAX_SUBJECT_LENGTH, enqueue
from omnicrm.outbox.states import Lane

MARK: Final = "[TEST] "
KEY_PREFIX: Final = "test:"
"""Of the business key. No guard knows such a key: nothing must still be true of made-up data."""


@transaction.atomic
def send_trial(*, section: str, language: str, to: str, by: Actor = SYSTEM, now: datetime) -> UUID:
    """Queues the email of a section with sample data; returns the message's id.

    Raises UnknownSection, and InvalidAddress for an address that is none.
    """
    recipient = Recipient(email=normalise(to), name="", language=language)
    email = _marked(email_kind(section).sample(language))
    message_id = enqueue(email, to=recipient, key=f"{KEY_PREFIX}{uuid4()}", now=now).message_id
    note_email(Action.TEST_SENT, section=section, message_id=message_id, to=recipient, by=by, now=now)
    return message_id


def _marked(sample: Email) -> Email:
    class Trial:
        section: ClassVar[str] = sample.section
        lane: ClassVar[Lane] = sample.lane
        secrets: ClassVar[frozenset[str]] = frozenset(sample.secrets)
        is_marketing: ClassVar[bool] = sample.is_marketing

        def subject(self, language: str) -> str:
            return f"{MARK}{sample.subject(language)}"[:MAX_SUBJECT_LENGTH]

        def variables(self, language: str) -> Mapping[str, TemplateValue]:
            return sample.variables(language)

    return Trial()
