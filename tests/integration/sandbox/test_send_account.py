"""POST /v3.1/send, second stage: senders, templates and categories of the account, checked now or later."""

from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

FOREIGN = {"Email": "boss@elsewhere.org"}


@pytest.fixture
def strict(sandbox: SandboxControl) -> SandboxControl:
    """Only billing@example.com and the domain example.net may send."""
    sandbox.settings(strict_senders=True)
    sandbox.put_sender("billing@example.com")
    sandbox.put_sender("*@example.net")
    return sandbox


def test_a_fresh_sandbox_lets_everyone_send(api: Api) -> None:
    assert api.send(build_message(From=FOREIGN), AdvanceErrorHandling=True).status_code == 200


@pytest.mark.parametrize("email", ["billing@example.com", "BILLING@Example.com", "anyone@example.net"])
def test_a_registered_sender_or_domain_is_authorized(api: Api, strict: SandboxControl, email: str) -> None:
    assert api.send(build_message(From={"Email": email}), AdvanceErrorHandling=True).status_code == 200


@pytest.mark.parametrize("email", ["other@example.com", "a@sub.example.net", "a@notexample.net"])
def test_another_sender_is_refused_with_403(api: Api, strict: SandboxControl, email: str) -> None:
    answer = api.send(build_message(From={"Email": email}), AdvanceErrorHandling=True)

    (error,) = answer.json()["Messages"][0]["Errors"]
    assert answer.status_code == error["StatusCode"] == 403
    assert (error["ErrorCode"], error["ErrorRelatedTo"]) == ("send-0008", ["From"])
    assert error["ErrorMessage"] == f'"{email}" is not an authorized sender email address for your account.'


def test_an_inactive_sender_is_not_authorized(api: Api, strict: SandboxControl) -> None:
    strict.put_sender("billing@example.com", status="Inactive")

    assert api.refusal(build_message(), AdvanceErrorHandling=True) == (403, [("send-0008", ["From"])])


def test_a_sender_of_another_key_is_not_authorized(api: Api, strict: SandboxControl) -> None:
    strict.put_sender("theirs@example.org", api_key="another-key")

    status, _ = api.refusal(build_message(From={"Email": "theirs@example.org"}), AdvanceErrorHandling=True)
    assert status == 403


def test_the_sender_property_needs_an_activation_that_no_sandbox_key_has(api: Api) -> None:
    message = build_message(Sender={"Email": "billing@example.com"})

    assert api.refusal(message, AdvanceErrorHandling=True) == (403, [("send-0006", ["SenderID"])])


def test_a_template_that_does_not_exist_is_refused(api: Api) -> None:
    answer = api.send(build_message(TextPart=..., TemplateID=12345), AdvanceErrorHandling=True)

    (error,) = answer.json()["Messages"][0]["Errors"]
    assert (error["ErrorCode"], error["ErrorRelatedTo"]) == ("send-0010", ["TemplateID"])
    assert error["ErrorMessage"] == 'Template id "12345" doesn\'t exist for your account.'


def test_a_template_of_another_key_does_not_exist_for_this_one(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, text="Hi", api_key="another-key")

    assert api.refusal(build_message(TextPart=..., TemplateID=7), AdvanceErrorHandling=True) == (
        400,
        [("send-0010", ["TemplateID"])],
    )


def test_a_monitoring_category_must_exist(api: Api, sandbox: SandboxControl) -> None:
    message = build_message(MonitoringCategory="invoices")
    assert api.refusal(message, AdvanceErrorHandling=True) == (400, [("send-0013", ["MonitoringCategory"])])

    sandbox.settings(monitoring_categories=["invoices"])
    assert api.send(message, AdvanceErrorHandling=True).status_code == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"From": FOREIGN}, "sender blocked"), ({"TextPart": ..., "TemplateID": 12345}, "bad or empty template")],
)
def test_without_advance_error_handling_the_answer_is_success_and_the_message_blocked(
    api: Api, strict: SandboxControl, changes: dict[str, Any], reason: str
) -> None:
    answer = api.send(build_message(**changes))

    recipient = answer.json()["Messages"][0]["To"][0]
    kept = strict.message(recipient["MessageID"])
    assert answer.status_code == 200
    assert (kept.status, kept.reason) == ("blocked", reason)


def test_a_refused_message_never_fails_its_neighbours(api: Api, sandbox: SandboxControl) -> None:
    answer = api.send(build_message(CustomID="1"), build_message(CustomID="2", To=[]), build_message(CustomID="3"))

    assert answer.status_code == 400
    assert [entry["Status"] for entry in answer.json()["Messages"]] == ["success", "error", "success"]
    assert {message.custom_id for message in sandbox.messages()} == {"1", "3"}


def test_a_mixed_batch_answers_200_where_that_is_set(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(mixed_batch_status=200)

    assert api.send(build_message(), build_message(To=[])).status_code == 200
    assert api.send(build_message(To=[])).status_code == 400, "nothing was accepted: that is no mixed batch"


def test_the_status_is_403_only_if_every_failure_is_one(api: Api, strict: SandboxControl) -> None:
    foreign, bad = build_message(From=FOREIGN), build_message(To=[])

    assert api.send(build_message(), foreign, foreign, AdvanceErrorHandling=True).status_code == 403
    assert api.send(build_message(), foreign, bad, AdvanceErrorHandling=True).status_code == 400
