"""Templates to check, without a Mailjet account."""

from collections.abc import Sequence

from omnicrm.config import LocalisedTemplate
from omnicrm.config.writing import TemplateSlot
from omnicrm.emails.templates.account import Remote
from omnicrm.emails.templates.findings import Finding, Level
from omnicrm.emails.templates.linting import lint_remote
from omnicrm.emails.templates.parts import parts_at_mailjet
from omnicrm.emails.templates.targets import Target
from omnicrm.mailjet.templates import EditMode, TemplateContent, TemplateInfo

RESET = "api_crmCommunicationUserPasswordReset"
VERIFICATION = "api_crmCommunicationEmailVerification"
INVOICE = "api_crmCommunicationCustomerInvoice"
REMINDER = "api_crmCommunicationCustomerInvoiceReminder"
GOOD_TEXT = "{{var:user_name}} {{var:reset_url}} {{var:expiry_time}}"
GOOD_HTML = '<p>{{var:user_name}}</p>\n<a href="{{var:reset_url:""}}">Go</a> {{var:expiry_time}}'


def target(section: str = RESET, language: str = "en", *, number: int = 7) -> Target:
    template = LocalisedTemplate(
        template_id=number, subject="Reset", from_email="noreply@example.com", from_name='Ann "A" Lee'
    )
    return Target(slot=TemplateSlot(section), section=section, language=language, template=template)


def remote(
    html: str | None = GOOD_HTML,
    text: str | None = GOOD_TEXT,
    *,
    mjml: str | None = None,
    purposes: Sequence[str] = ("transactional",),
    edit_mode: EditMode = EditMode.HTML,
    owner: str = "apikey",
) -> Remote:
    info = TemplateInfo(
        id=7,
        name="reset",
        locale="en_GB",
        purposes=tuple(purposes),
        edit_mode=edit_mode,
        owner_type=owner,
        description="",
        created_at=None,
        last_updated_at=None,
    )
    content = TemplateContent(html=html, text=text, mjml=mjml)
    return Remote(info=info, content=content, parts=parts_at_mailjet(info, content))


def findings(html: str = GOOD_HTML, text: str | None = GOOD_TEXT, *, section: str = RESET) -> list[Finding]:
    return lint_remote(target(section), remote(html, text))


def errors(html: str = GOOD_HTML, text: str | None = GOOD_TEXT, *, section: str = RESET) -> list[str]:
    return [str(each) for each in findings(html, text, section=section) if each.level is Level.ERROR]
