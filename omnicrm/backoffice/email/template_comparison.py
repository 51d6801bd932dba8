"""A template as Mailjet has it now, beside our design: what differs, what is wrong with it, and both as mailboxes show
them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from omnicrm.backoffice.email.template_facts import DRIFT_COLOURS, Edition, Remark, as_remark
from omnicrm.backoffice.email.template_previews import Preview, View
from omnicrm.backoffice.wording import badge, moment, reason_text
from omnicrm.config import Config
from omnicrm.emails.catalogue import email_kind
from omnicrm.emails.designs import Design, InvalidDesign
from omnicrm.emails.models import Drift
from omnicrm.emails.templates.comparing import Comparison
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.linting import lint_remote
from omnicrm.emails.templates.looking import look_at_mailjet
from omnicrm.emails.templates.rendering import rendition
from omnicrm.mailjet.errors import MailjetError

SHOWN_OF_DIFF: Final = 20_000
"""Characters: more than this is read at the command line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """Ours, or Mailjet's. `html` is for the view that was asked for."""

    title: str
    subject: str
    html: str
    text: str
    problems: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SideBySide:
    """With a `problem`, Mailjet or our design could not be read, and there is nothing else to show."""

    problem: str = ""
    state: str = ""
    changed_at: str = ""
    different: Sequence[str] = ()
    remarks: Sequence[Remark] = ()
    sides: Sequence[Side] = ()
    diff: str = ""
    is_diff_cut: bool = False


def side_by_side(edition: Edition, *, config: Config, preview: Preview) -> SideBySide:
    """Asks Mailjet."""
    try:
        comparison = look_at_mailjet(
            edition.target, config=config, folder=own_designs(), clock=lambda: datetime.now(UTC)
        )
    except MailjetError as error:
        return SideBySide(problem=_("Mailjet could not be asked: %(why)s") % {"why": reason_text(str(error))})
    except InvalidDesign:
        return SideBySide(
            problem=_("The design here cannot be read; mend it first, its errors stand on the email’s page.")
        )
    remote, diff = comparison.remote, comparison.diff_of_push()
    return SideBySide(
        state=badge(str(Drift(comparison.state).label), DRIFT_COLOURS[comparison.state]),
        changed_at=moment(remote.info.last_updated_at) if remote else "",
        different=[_part_name(part) for part in comparison.different],
        remarks=[as_remark(each) for each in lint_remote(edition.target, remote)],
        sides=_sides(edition, comparison, preview),
        diff=diff[:SHOWN_OF_DIFF],
        is_diff_cut=len(diff) > SHOWN_OF_DIFF,
    )


def _sides(edition: Edition, comparison: Comparison, preview: Preview) -> list[Side]:
    sides = [_side(_("The design here"), edition, comparison.local.design, preview)]
    remote = comparison.remote
    if remote and not remote.is_empty and comparison.drift is not Drift.SAME:
        theirs = Design(html=remote.content.html or "", text=remote.content.text or "", mjml="")
        sides.append(_side(_("At Mailjet now"), edition, theirs, preview))
    return sides


def _side(title: str, edition: Edition, design: Design, preview: Preview) -> Side:
    email = email_kind(edition.target.section).sample(edition.language)
    shown = rendition(edition.target, design, email, language=edition.language, now=timezone.now(), own=preview.own)
    return Side(
        title=title,
        subject=shown.subject,
        html="" if preview.view == View.TEXT else preview.html(shown),
        text=shown.text,
        problems=shown.problems,
    )


def _part_name(part: str) -> str:
    names = {
        "html": "HTML",
        "text": _("plain text"),
        "mjml": "MJML",
        "From": _("sender"),
        "Subject": _("subject"),
        "locale": _("language"),
        "purpose": _("purpose"),
    }
    return names.get(part, part)
