"""POST /v3.1/send, first stage: what is refused whoever sends it, with which code and relating to what."""

from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

ANA = {"Email": "ana@example.org"}
FILE = {"ContentType": "text/plain", "Filename": "a.txt", "Base64Content": "aGk="}
TEXT_AND_TEMPLATE = ["HTMLPart", "TextPart", "TemplateID"]


@pytest.mark.parametrize(
    ("changes", "code", "related"),
    [
        ({"From": ...}, "mj-0003", ["From"]),
        ({"To": ...}, "mj-0003", ["To"]),
        ({"To": []}, "mj-0007", ["To"]),
        ({"To": ANA}, "mj-0004", ["To"]),
        ({"To": ["ana@example.org"]}, "mj-0004", ["To[0]"]),
        ({"To": [ANA, {"Name": "Ben"}]}, "mj-0003", ["To[1].Email"]),
        ({"To": [ANA, {"Email": ""}]}, "mj-0012", ["To[1].Email"]),
        ({"To": [ANA, {"Email": "ben@example"}]}, "mj-0013", ["To[1].Email"]),
        ({"To": [{"Email": "ana@example.org", "Nam": "Ana"}]}, "sandbox-0001", ["To[0].Nam"]),
        ({"Cc": [{"Email": 7}]}, "mj-0004", ["Cc[0].Email"]),
        ({"ReplyTo": [ANA]}, "mj-0004", ["ReplyTo"]),
        ({"Subject": "x" * 256}, "mj-0006", ["Subject"]),
        ({"Subject": None}, "mj-0003", ["Subject"]),
        ({"CustomCampaign": "x" * 256}, "mj-0006", ["CustomCampaign"]),
        ({"URLTags": "x" * 257}, "mj-0006", ["URLTags"]),
        ({"TextPart": ...}, "send-0003", TEXT_AND_TEMPLATE),
        ({"TextPart": ""}, "send-0003", TEXT_AND_TEMPLATE),
        ({"HTMLPart": "<p>", "TemplateID": 1}, "send-0004", ["HTMLPart", "TemplateID"]),
        ({"TemplateID": "1"}, "mj-0004", ["TemplateID"]),
        ({"TemplateID": True}, "mj-0004", ["TemplateID"]),
        ({"TemplateLanguage": "true"}, "mj-0004", ["TemplateLanguage"]),
        ({"TemplateErrorReporting": ANA}, "send-0016", ["TemplateLanguage"]),
        ({"TemplateErrorDeliver": True}, "send-0016", ["TemplateLanguage"]),
        (
            {"TemplateErrorReporting": "ana@example.org", "TemplateLanguage": True},
            "mj-0004",
            ["TemplateErrorReporting"],
        ),
        ({"DeduplicateCampaign": True}, "send-0012", ["CustomCampaign", "DeduplicateCampaign"]),
        ({"Priority": 4}, "mj-0005", ["Priority"]),
        ({"TrackOpens": "yes"}, "mj-0005", ["TrackOpens"]),
        ({"TrackClicks": True}, "mj-0005", ["TrackClicks"]),
        ({"CustomID": 7}, "mj-0004", ["CustomID"]),
        ({"EventPayload": {"a": 1}}, "mj-0004", ["EventPayload"]),
        ({"Variables": []}, "mj-0004", ["Variables"]),
        ({"Variables": {"name": None}}, "mj-0003", ['Variables["name"]']),
        ({"Variables": {"rows": [{"price": None}]}}, "mj-0003", ['Variables["rows"][0]["price"]']),
        ({"Headers": {"X-A": 1}}, "mj-0004", ['Headers["X-A"]']),
        ({"Headers": []}, "mj-0004", ["Headers"]),
        ({"Attachments": [{**FILE, "Filename": ""}]}, "mj-0012", ["Attachments[0].Filename"]),
        ({"Attachments": [FILE, {**FILE, "Base64Content": "%%%"}]}, "mj-0004", ["Attachments[1].Base64Content"]),
        ({"Attachments": [{**FILE, "ContentID": "x"}]}, "sandbox-0001", ["Attachments[0].ContentID"]),
        ({"InlinedAttachments": [{**FILE, "ContentID": ""}]}, "mj-0012", ["InlinedAttachments[0].ContentID"]),
    ],
)
def test_a_wrong_property_is_refused_by_its_name(
    api: Api, sandbox: SandboxControl, changes: dict[str, Any], code: str, related: list[str]
) -> None:
    status, errors = api.refusal(build_message(**changes))

    assert status == 400
    assert errors == [(code, related)]
    assert sandbox.messages() == []


@pytest.mark.parametrize("header", ["From", "subject", "MESSAGE-ID", "X-MJ-CustomID", "X-Mailjet-Campaign", "Reply-To"])
def test_a_header_that_has_its_own_property_is_refused(api: Api, header: str) -> None:
    assert api.refusal(build_message(Headers={header: "x"})) == (400, [("send-0011", [f'Headers["{header}"]'])])


def test_list_unsubscribe_headers_are_allowed(api: Api) -> None:
    headers = {"List-Unsubscribe": "<https://example.com/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    assert api.send(build_message(Headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "email",
    [
        "plain",
        "@example.org",
        "a@",
        "a b@example.org",
        "a@exa mple.org",
        "a@example..org",
        "a@-x.org",
        "a\n@example.org",
        "a@b@example.org",
        "x" * 65 + "@example.org",
        "a@" + "x" * 250 + ".org",
        "Ana <ana@example.org>",
    ],
)
def test_what_is_no_address_is_refused(api: Api, email: str) -> None:
    assert api.refusal(build_message(To=[{"Email": email}])) == (400, [("mj-0013", ["To[0].Email"])])


@pytest.mark.parametrize("email", ["o'neil+tag@sub.example.org", "élodie@exemple.fr", "a_b-c.d@x-y.example", "1@2.co"])
def test_unusual_addresses_are_accepted(api: Api, email: str) -> None:
    assert api.send(build_message(To=[{"Email": email}])).status_code == 200


def test_a_misspelt_property_is_refused_with_the_right_spelling(api: Api) -> None:
    entry = api.send(build_message(TemplateErrorDelivery=True)).json()["Messages"][0]

    assert 'did you mean "TemplateErrorDeliver"?' in entry["Errors"][0]["ErrorMessage"]


def test_unknown_properties_pass_when_they_are_allowed(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(strict_properties=False)

    assert api.send(build_message(Novelty=True), Novelty=True).status_code == 200


def test_one_message_can_have_several_errors(api: Api) -> None:
    status, errors = api.refusal(build_message(From={"Email": "x"}, To=..., TextPart=...))

    assert status == 400
    assert [code for code, _ in errors] == ["mj-0013", "mj-0003", "send-0003"]


def test_errors_in_globals_are_told_for_each_message(api: Api) -> None:
    answer = api.send(build_message(), build_message(), Globals={"Cc": [{"Email": "x"}]})

    assert [entry["Status"] for entry in answer.json()["Messages"]] == ["error", "error"]


def test_an_error_entry_says_nothing_of_its_recipients(api: Api) -> None:
    (entry,) = api.send(build_message(Subject=7, CustomID="c")).json()["Messages"]

    assert entry.keys() == {"Status", "Errors"}
    assert entry["Errors"][0].keys() == {"ErrorIdentifier", "ErrorCode", "StatusCode", "ErrorMessage", "ErrorRelatedTo"}


def test_a_message_that_is_no_object_is_refused_alone(api: Api) -> None:
    answer = api.send("hello", build_message())

    assert [entry["Status"] for entry in answer.json()["Messages"]] == ["error", "success"]


@pytest.mark.parametrize(
    ("body", "code", "related"),
    [
        ({}, "mj-0003", ["Messages"]),
        ({"Messages": None}, "mj-0003", ["Messages"]),
        ({"Messages": {}}, "mj-0004", ["Messages"]),
        ({"Messages": []}, "mj-0007", ["Messages"]),
        ({"Messages": [{}], "Globals": []}, "mj-0004", ["Globals"]),
        ({"Messages": [{}], "SandboxMode": "true"}, "mj-0004", ["SandboxMode"]),
        ({"Messages": [{}], "AdvanceErrorHandling": 1}, "mj-0004", ["AdvanceErrorHandling"]),
        ({"Messages": [{}], "AdvancedErrorHandling": True}, "sandbox-0001", ["AdvancedErrorHandling"]),
    ],
)
def test_a_call_of_the_wrong_shape_is_refused_as_a_whole(api: Api, body: object, code: str, related: list[str]) -> None:
    answer = api.post("/v3.1/send", body)

    problem = answer.json()
    assert answer.status_code == problem["StatusCode"] == 400
    assert "Messages" not in problem
    assert (problem["ErrorCode"], problem["ErrorRelatedTo"]) == (code, related)


@pytest.mark.parametrize("body", [b"", b"{", b'{"Messages": [}', b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_malformed_json_is_refused(api: Api, body: object) -> None:
    answer = api.call("POST", "/v3.1/send", data=body)

    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "mj-0002")
    assert answer.json()["ErrorMessage"] == "Malformed JSON, please review the syntax and properties types."


def test_more_than_fifty_recipients_in_all_are_refused_and_nothing_is_sent(api: Api, sandbox: SandboxControl) -> None:
    crowd = [{"Email": f"r{number}@example.org"} for number in range(26)]
    answer = api.send(build_message(To=crowd), build_message(To=crowd[:24], Cc=crowd[:1]))

    problem = answer.json()
    assert answer.status_code == 400
    assert (problem["ErrorCode"], problem["ErrorRelatedTo"]) == ("send-0015", ["To", "Bcc", "Cc"])
    assert problem["ErrorMessage"] == "Total number of recipients exceeded. Max allowed - 50."
    assert sandbox.messages() == []


def test_recipients_in_globals_count_for_every_message(api: Api) -> None:
    answer = api.send(*(build_message() for _ in range(26)), Globals={"Bcc": [ANA]})

    assert answer.json()["ErrorCode"] == "send-0015"


def test_fifty_recipients_pass(api: Api) -> None:
    assert api.send(build_message(To=[{"Email": f"r{number}@example.org"} for number in range(50)])).status_code == 200


def test_more_than_fifty_messages_are_refused_even_without_recipients(api: Api) -> None:
    assert api.send(*({} for _ in range(51))).json()["ErrorCode"] == "mj-0008"


def test_fifteen_megabytes_of_files_are_too_much_in_one_call(api: Api, sandbox: SandboxControl) -> None:
    eight = {**FILE, "Base64Content": "QUFB" * (2 * 2**20)}
    answer = api.send(build_message(Attachments=[eight]), build_message(InlinedAttachments=[eight]))

    assert (answer.status_code, answer.json()["ErrorCode"]) == (400, "mj-0011")
    assert api.send(build_message(Attachments=[eight])).status_code == 200
    assert len(sandbox.messages()) == 1


def test_a_body_without_end_is_cut_off(api: Api) -> None:
    answer = api.call("POST", "/v3.1/send", data=(b"x" * 2**20 for _ in range(65)))

    assert answer.json()["ErrorCode"] == "mj-0011"
