"""What holds between properties of a message, and between a message and the account it is sent from."""

from collections.abc import Iterator, Mapping
from typing import Any

from mailjet_sandbox.records import Template
from mailjet_sandbox.sandbox import Sandbox
from mailjet_sandbox.send.content import compose, template_sender
from mailjet_sandbox.send.problems import Problem, missing

PARTS = ("HTMLPart", "TextPart", "TemplateID")


def check_properties(message: Mapping[str, Any], template: Template | None) -> Iterator[Problem]:
    """Rules that need no look at the account, save for what the template supplies."""
    if "To" not in message:
        yield missing("To")
    if "From" not in message and not _template_may_supply_sender(message, template):
        yield missing("From")
    if all(message.get(part) in (None, "") for part in PARTS):
        text = 'At least "HTMLPart", "TextPart" or "TemplateID" must be provided.'
        yield Problem(code="send-0003", text=text, related_to=PARTS)
    if message.get("HTMLPart") and "TemplateID" in message:
        text = "HTMLPart and TemplateID cannot be given together."
        yield Problem(code="send-0004", text=text, related_to=("HTMLPart", "TemplateID"))
    yield from _check_companions(message)


def _template_may_supply_sender(message: Mapping[str, Any], template: Template | None) -> bool:
    """A template that does not exist might: that is for check_account to say."""
    return "TemplateID" in message and (template is None or template_sender(template) is not None)


def _check_companions(message: Mapping[str, Any]) -> Iterator[Problem]:
    """Properties that make sense only beside another one."""
    if message.get("DeduplicateCampaign") is True and not message.get("CustomCampaign"):
        text = "DeduplicateCampaign needs a CustomCampaign."
        yield Problem(code="send-0012", text=text, related_to=("CustomCampaign", "DeduplicateCampaign"))
    if message.get("TemplateLanguage") is not True:
        for name in ("TemplateErrorReporting", "TemplateErrorDeliver"):
            if name in message:
                text = f"{name} can be used only when TemplateLanguage is true."
                yield Problem(code="send-0016", text=text, related_to=("TemplateLanguage",))


def check_account(
    sandbox: Sandbox, message: Mapping[str, Any], template: Template | None, *, api_key: str
) -> Iterator[Problem]:
    """What Mailjet checks before answering only with AdvanceErrorHandling, and otherwise after it said success."""
    if "Sender" in message:
        text = "Your account may not use the Sender property."
        yield Problem(code="send-0006", status=403, text=text, related_to=("SenderID",))
    email = compose(message, template).sender.email
    if email and not _is_authorized(sandbox, email, api_key=api_key):
        text = f'"{email}" is not an authorized sender email address for your account.'
        yield Problem(code="send-0008", status=403, text=text, related_to=("From",))
    if "TemplateID" in message and template is None:
        text = f'Template id "{message["TemplateID"]}" doesn\'t exist for your account.'
        yield Problem(code="send-0010", text=text, related_to=("TemplateID",))
    category = message.get("MonitoringCategory")
    if category and category not in sandbox.settings.monitoring_categories:
        text = f'Monitoring category "{category}" doesn\'t exist for your account.'
        yield Problem(code="send-0013", text=text, related_to=("MonitoringCategory",))


def _is_authorized(sandbox: Sandbox, email: str, *, api_key: str) -> bool:
    if not sandbox.settings.strict_senders:
        return True
    return any(sender.status == "Active" and sender.covers(email) for sender in sandbox.store.senders_of(api_key))


def later_reason(problems: list[Problem]) -> str:
    """Why a message with these problems is blocked when they are found only after acceptance; "" if there are none."""
    if not problems:
        return ""
    return "bad or empty template" if any(problem.code == "send-0010" for problem in problems) else "sender blocked"
