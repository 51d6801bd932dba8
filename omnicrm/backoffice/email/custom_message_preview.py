"""A custom email as its recipient will see it, and what may keep it from arriving so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from omnicrm.backoffice.wording import reason_text
from omnicrm.config import current_config
from omnicrm.emails.custom import CustomEmail
from omnicrm.emails.designs import InvalidDesign
from omnicrm.emails.models import Drift
from omnicrm.emails.recipients import suppression_of
from omnicrm.emails.templates.folder import own_designs, read_local
from omnicrm.emails.templates.memory import recall
from omnicrm.emails.templates.rendering import Rendition, rendition
from omnicrm.emails.templates.targets import Target, target_for
from omnicrm.outbox.email import Recipient


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagePreview:
    """`rendition` is None where the design here cannot be read; Mailjet's template may be in order all the same."""

    sender: str
    recipient: str
    language: str
    subject: str
    rendition: Rendition | None
    warnings: Sequence[str]


def preview_of(email: CustomEmail, mailbox: Recipient, *, now: datetime) -> MessagePreview:
    target = target_for(email.section, mailbox.language, current_config())
    shown = _rendition(email, mailbox, target, now)
    return MessagePreview(
        sender=f"{target.template.from_name} <{target.template.from_email}>",
        recipient=f"{mailbox.name} <{mailbox.email}>" if mailbox.name else mailbox.email,
        language=mailbox.language,
        subject=email.subject(mailbox.language),
        rendition=shown,
        warnings=[each for each in (_suppressed(email, mailbox), _unreadable(shown), _drifted(target)) if each],
    )


def _rendition(email: CustomEmail, mailbox: Recipient, target: Target, now: datetime) -> Rendition | None:
    try:
        design = read_local(target, company=current_config().company, folder=own_designs()).design
    except InvalidDesign:
        return None
    return rendition(target, design, email, language=mailbox.language, now=now)


def _suppressed(email: CustomEmail, mailbox: Recipient) -> str:
    suppression = suppression_of(mailbox.email, is_marketing=email.is_marketing)
    if suppression is None:
        return ""
    why = reason_text(suppression.reason)
    return _("It will not leave, because the address is suppressed: %(why)s") % {"why": why}


def _unreadable(shown: Rendition | None) -> str:
    return "" if shown else _("The design here cannot be shown; see its page under Templates.")


def _drifted(target: Target) -> str:
    known = recall([target.template_id]).get(target.template_id)
    if known is None or known.drift == Drift.SAME:
        return ""
    state = known.get_drift_display()
    return _("Mailjet sends its own template, which may look otherwise: %(state)s.") % {"state": state}
