"""Sending custom emails. Those of the catalogue are sent by what they are about, never by themselves."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from difflib import get_close_matches
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, Actor
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.rules import text
from omnicrm.emails.catalogue import CATALOGUE, custom_kinds
from omnicrm.emails.custom import CustomEmail, CustomKind
from omnicrm.emails.custom_values import read_values
from omnicrm.emails.opt_in import without_opt_in
from omnicrm.emails.recipients import Addressee, recipient
from omnicrm.emails.recording import note_email
from omnicrm.outbox.consent import unsubscribe_url
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.operations import Enqueued, enqueue

MAX_KEY_LENGTH = 300
FARTHEST = timedelta(days=366)
"""How long an email may be held back."""


@transaction.atomic
def send_custom_email(
    *,
    section: str,
    variables: Mapping[str, object],
    to: Addressee,
    now: datetime,
    by: Actor = SYSTEM,
    key: str = "",
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Enqueued:
    """Queues one email of a custom kind. Under a `key` that this kind was sent by before, nothing more is queued: the
    first message is the answer, whatever else is asked for now.

    Raises InvalidInput with everything that is wrong: variables as `variables.<name>`, the rest by its own name.
    """
    errors: list[FieldError] = []
    with _added_to(errors):
        email, mailbox = compose(section=section, variables=variables, to=to)
    errors += _wrong_times(not_before, expires_at, now)
    errors += _wrong_key(key)
    if errors:
        raise InvalidInput(*errors)
    enqueued = enqueue(
        email,
        to=mailbox,
        key=f"custom:{section}:{key or uuid4()}",
        now=now,
        not_before=not_before,
        expires_at=expires_at,
    )
    if enqueued.created:
        note_email(Action.EMAIL_SENT, section=section, message_id=enqueued.message_id, to=mailbox, by=by, now=now)
    return enqueued


def compose(*, section: str, variables: Mapping[str, object], to: Addressee) -> tuple[CustomEmail, Recipient]:
    """The email and its recipient, with nothing queued: for a preview. Raises InvalidInput."""
    kind = custom_kind(section)
    errors: list[FieldError] = []
    with _added_to(errors):
        mailbox = recipient(to)
        errors += _without_template(kind, mailbox.language)
        errors += without_opt_in(to, mailbox) if kind.is_marketing else ()
    with _added_to(errors):
        values = read_values(kind, variables)
    if errors:
        raise InvalidInput(*errors)
    url = unsubscribe_url(mailbox.email) if kind.is_marketing else ""
    return CustomEmail(kind=kind, values=values, unsubscribe_url=url), mailbox


def custom_kind(section: str) -> CustomKind:
    """Raises InvalidInput for what is no custom email."""
    kinds = custom_kinds()
    if section in kinds:
        return kinds[section]
    raise InvalidInput(FieldError(field="section", message=_why_not(section, kinds)))


def _why_not(section: str, kinds: Mapping[str, CustomKind]) -> str:
    if section in CATALOGUE:
        when = CATALOGUE[section].sent_when
        return _("OmniCRM sends this email by itself, and only then: %(when)s") % {"when": when}
    if near := get_close_matches(section, kinds, n=1):
        return _("There is no such email; did you mean “%(name)s”?") % {"name": near[0]}
    if kinds:
        return _("There is no such email; the custom emails are: %(names)s.") % {"names": ", ".join(kinds)}
    return _("There is no custom email yet; docs/custom-emails.md tells how to add one.")


def _without_template(kind: CustomKind, language: str) -> list[FieldError]:
    if kind.described.for_language(language).template_id:
        return []
    command = f"omnicrm templates push --section {kind.section}"
    message = _("Mailjet has no template for it yet: run “%(command)s”, then restart OmniCRM.") % {"command": command}
    return [FieldError(field="section", message=message)]


def _wrong_times(not_before: datetime | None, expires_at: datetime | None, now: datetime) -> Iterator[FieldError]:
    if not_before and not_before > now + FARTHEST:
        yield FieldError(field="not_before", message=_("Give a time within one year from now."))
    if expires_at and expires_at <= max(now, not_before or now):
        yield FieldError(field="expires_at", message=_("Give a time to come that is later than not_before."))


def _wrong_key(key: str) -> Iterator[FieldError]:
    try:
        text(MAX_KEY_LENGTH)(key)
    except ValueError as error:
        yield FieldError(field="key", message=str(error))


@contextmanager
def _added_to(errors: list[FieldError]) -> Iterator[None]:
    """Goes on after a refusal, so that everything that is wrong is told at once."""
    try:
        yield
    except InvalidInput as refusal:
        errors += refusal.errors
