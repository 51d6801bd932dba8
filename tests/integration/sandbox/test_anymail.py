"""django-anymail's Mailjet backend works against the sandbox unchanged."""

from collections.abc import Callable, Iterator

import pytest
from anymail.backends.mailjet import EmailBackend
from anymail.exceptions import AnymailRequestsAPIError
from anymail.message import AnymailMessage

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api

Build = Callable[..., AnymailMessage]


@pytest.fixture
def backend(api: Api) -> Iterator[EmailBackend]:
    with EmailBackend(api_key="test-key", secret_key="test-secret", api_url=f"{api.url}/v3.1/") as connection:
        yield connection


@pytest.fixture
def build(backend: EmailBackend) -> Build:
    def build(**changes: object) -> AnymailMessage:
        usual = {"subject": "Hi", "body": "Text", "from_email": "Us <us@example.com>", "to": ["Ana <ana@example.org>"]}
        return AnymailMessage(connection=backend, **{**usual, **changes})

    return build


def test_it_sends_with_everything_that_django_has(build: Build, sandbox: SandboxControl) -> None:
    message = build(cc=["ben@example.org"], reply_to=["help@example.com"], headers={"X-Case": "7"}, tags=["spring"])
    message.attach_alternative("<p>HTML</p>", "text/html")
    message.attach("facture.pdf", b"%PDF", "application/pdf")
    message.metadata = {"order": 7}

    assert message.send() == 1
    (kept,) = sandbox.messages(to="ana@example.org")
    assert (kept.subject, kept.text, kept.html, kept.headers) == ("Hi", "Text", "<p>HTML</p>", {"X-Case": "7"})
    assert sandbox.download(kept.attachments[0]) == b"%PDF"
    assert (kept.json["campaign"], kept.json["event_payload"]) == ("spring", '{"order": 7}')
    assert len(sandbox.messages(to="ben@example.org")) == 1


def test_it_reads_back_the_message_id_of_each_recipient(build: Build, sandbox: SandboxControl) -> None:
    message = build(to=["ana@example.org", "ben@example.org"])
    message.send()

    recipients = message.anymail_status.recipients
    assert {email: status.status for email, status in recipients.items()} == {
        "ana@example.org": "sent",
        "ben@example.org": "sent",
    }
    assert sandbox.message(int(recipients["ben@example.org"].message_id)).recipient == "ben@example.org"


def test_it_sends_a_template_with_merge_data(build: Build, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, text="{{var:greeting}} {{var:name}}")
    message = build(body="", to=["ana@example.org", "ben@example.org"])
    message.template_id = 7
    message.merge_data = {"ana@example.org": {"name": "Ana"}, "ben@example.org": {"name": "Ben"}}
    message.merge_global_data = {"greeting": "Hello"}
    message.send()

    assert {kept.recipient: kept.text for kept in sandbox.messages()} == {
        "ana@example.org": "Hello Ana",
        "ben@example.org": "Hello Ben",
    }
    assert all(kept.json["to"] == [{"email": kept.recipient, "name": ""}] for kept in sandbox.messages())


def test_of_a_refused_message_it_knows_that_it_failed(build: Build, sandbox: SandboxControl) -> None:
    sandbox.settings(strict_senders=True)
    message = build()
    message.esp_extra = {"AdvanceErrorHandling": True}
    message.send()

    assert message.anymail_status.status == {"failed"}
    assert "is not an authorized sender" in message.anymail_status.esp_response.text
    assert sandbox.messages() == []


def test_of_a_mixed_batch_it_knows_who_failed(build: Build, sandbox: SandboxControl) -> None:
    message = build(to=["ana@example.org", "ben@example.org"])
    message.merge_data = {"ana@example.org": {"name": "Ana"}, "ben@example.org": {"name": None}}
    message.send()

    statuses = {email: status.status for email, status in message.anymail_status.recipients.items()}
    assert statuses == {"ana@example.org": "sent", "ben@example.org": "failed"}
    assert [kept.recipient for kept in sandbox.messages()] == ["ana@example.org"]


def test_it_raises_on_errors_of_the_whole_call(build: Build, sandbox: SandboxControl) -> None:
    sandbox.register_key("other", "pair")

    with pytest.raises(AnymailRequestsAPIError, match="401"):
        build().send()
