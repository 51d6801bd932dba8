"""POST /v3.1/send with a template: what it supplies, and what becomes of its errors."""

from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

ANA, BEN = {"Email": "ana@example.org", "Name": "Ana"}, {"Email": "ben@example.org"}
HEADERS = {
    "From": '"Billing, Inc." <billing@example.com>',
    "Subject": "Invoice {{var:number}}",
    "Reply-To": "Help <help@example.com>",
}


@pytest.fixture
def template(sandbox: SandboxControl) -> SandboxControl:
    sandbox.put_template(7, html="<p>No. {{var:number}}</p>", text="No. {{var:number}}", headers=HEADERS)
    return sandbox


def by_template(**changes: object) -> dict[str, Any]:
    """A message that leaves everything to template 7."""
    bare = {"From": ..., "Subject": ..., "TextPart": ..., "To": [ANA], "TemplateID": 7, "TemplateLanguage": True}
    return build_message(**{**bare, "Variables": {"number": 42}, **changes})


def test_a_template_supplies_content_subject_sender_and_reply_address(api: Api, template: SandboxControl) -> None:
    assert api.send(by_template(), AdvanceErrorHandling=True).status_code == 200

    (kept,) = template.messages(template=7)
    assert (kept.html, kept.text, kept.subject) == ("<p>No. 42</p>", "No. 42", "Invoice 42")
    assert kept.json["from"] == {"email": "billing@example.com", "name": "Billing, Inc."}
    assert kept.json["reply_to"] == {"email": "help@example.com", "name": "Help"}


def test_the_message_overrides_what_the_template_supplies(api: Api, template: SandboxControl) -> None:
    own = {"From": BEN, "Subject": "Own {{var:number}}", "ReplyTo": ANA, "TextPart": "Own text"}
    api.send(by_template(**own))

    (kept,) = template.messages()
    assert (kept.sender, kept.subject, kept.text) == ("ben@example.org", "Own 42", "Own text")
    assert kept.html == "<p>No. 42</p>"
    assert kept.json["reply_to"]["email"] == "ana@example.org"


def test_sender_email_and_name_stand_in_for_from(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, text="Hi", headers={"SenderEmail": "s@example.com", "SenderName": "S"})
    api.send(by_template())

    assert sandbox.messages()[0].json["from"] == {"email": "s@example.com", "name": "S"}


def test_a_template_without_sender_leaves_from_mandatory(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, text="Hi")

    assert api.refusal(by_template()) == (400, [("mj-0003", ["From"])])


def test_the_template_s_sender_must_be_authorized(api: Api, template: SandboxControl) -> None:
    template.settings(strict_senders=True)

    assert api.refusal(by_template(), AdvanceErrorHandling=True) == (403, [("send-0008", ["From"])])


def test_without_template_language_tags_stay_as_they_are(api: Api, template: SandboxControl) -> None:
    api.send(by_template(TemplateLanguage=False))

    assert template.messages()[0].text == "No. {{var:number}}"
    assert template.messages()[0].status == "sent"


def test_a_template_without_content_blocks_the_message(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, headers=HEADERS)
    api.send(by_template(), AdvanceErrorHandling=True)

    assert (sandbox.messages()[0].status, sandbox.messages()[0].reason) == ("blocked", "bad or empty template")


def test_every_recipient_sees_a_rendering_of_its_own(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message(To=[ANA, BEN], TextPart="To {{mj:contact.email}}", TemplateLanguage=True))

    texts = {message.recipient: message.text for message in sandbox.messages()}
    assert texts == {"ana@example.org": "To ana@example.org", "ben@example.org": "To ben@example.org"}


def test_a_language_error_is_accepted_and_then_blocks(api: Api, template: SandboxControl) -> None:
    answer = api.send(by_template(Variables={}), AdvanceErrorHandling=True)

    (kept,) = template.messages()
    assert answer.status_code == 200
    assert (kept.status, kept.reason) == ("blocked", "error in template language")
    assert kept.errors[0].startswith("expression parsing error ## Unknown identifier: var:number")


def test_an_error_in_the_subject_alone_blocks_too(api: Api, template: SandboxControl) -> None:
    api.send(by_template(Subject="{{var:unknown}}"))

    assert template.messages()[0].status == "blocked"


def test_template_error_deliver_sends_in_spite_of_errors_with_the_tags_visible(
    api: Api, template: SandboxControl
) -> None:
    api.send(by_template(Variables={}, TemplateErrorDeliver=True))

    (kept,) = template.messages()
    assert (kept.status, kept.text) == ("sent", "No. {{var:number}}")
    assert kept.errors


def test_template_error_reporting_sends_a_report_once_with_the_source(api: Api, template: SandboxControl) -> None:
    api.send(by_template(To=[ANA, BEN], Variables={}, TemplateErrorReporting={"Email": "dev@example.com"}))

    (report,) = template.messages(to="dev@example.com")
    assert report.sender == "templating-language-error@mailjet.com"
    assert report.subject == 'Error while evaluating Mailjet Templating language for message "Invoice {{var:number}}"'
    assert "Unknown identifier: var:number" in report.text
    assert [template.download(file) for file in report.attachments] == [
        b"<p>No. {{var:number}}</p>",
        b"No. {{var:number}}",
    ]


def test_no_report_without_an_error(api: Api, template: SandboxControl) -> None:
    api.send(by_template(TemplateErrorReporting={"Email": "dev@example.com"}))

    assert template.messages(to="dev@example.com") == []
