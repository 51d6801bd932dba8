"""Django's way to send mail, closed: everything goes through the outbox, which keeps what the promises need."""

from collections.abc import Sequence
from typing import NoReturn

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from omnicrm.accounts.pages.adapter import OnlyByOutbox


class NoMail(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> NoReturn:
        raise OnlyByOutbox("; ".join(str(message.subject) for message in email_messages))
