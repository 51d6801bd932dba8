"""Who wants to become a customer, and has not proven the address yet."""

import uuid
from typing import ClassVar

from django.db import models

from omnicrm.customers.models import MAX_EMAIL_LENGTH, AccountType, Language


class PendingSignUp(models.Model):
    """A sign-up in self-care that waits for the proof of its address; only then are customer and user created.

    One exists for every sign-up, also under an address that has a user already: it never gets a token then, and nobody
    can tell. The browser that signed up knows `id`; `mails` counts the emails, of which the newest alone counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.CharField(max_length=MAX_EMAIL_LENGTH)
    full_name = models.CharField(max_length=200)
    company_name = models.CharField(max_length=200, blank=True)
    account_type = models.CharField(max_length=20, choices=AccountType)
    language = models.CharField(max_length=2, choices=Language)
    wants_marketing = models.BooleanField()
    password = models.CharField(max_length=128)
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - unique, so none is not ""
    code_hash = models.CharField(max_length=64, blank=True)
    tries_left = models.PositiveSmallIntegerField()
    mails = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="sign_up_end")]

    def __str__(self) -> str:
        return f"sign-up {self.id}"
