"""/v3/REST/sender."""

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api

SENDERS = "/v3/REST/sender"


def test_a_new_sender_starts_inactive(api: Api) -> None:
    answer = api.post(SENDERS, {"Email": "a@example.com", "Name": "A", "EmailType": "transactional"})

    (row,) = answer.json()["Data"]
    assert answer.status_code == 201
    assert (row["Email"], row["Name"], row["Status"], row["EmailType"]) == (
        "a@example.com",
        "A",
        "Inactive",
        "transactional",
    )
    assert api.get(f"{SENDERS}/{row['ID']}").json()["Data"] == [row]
    assert api.get(f"{SENDERS}/A@example.com").json()["Data"] == [row]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "MJ08 Property Email is invalid: MJ03 A non-empty value is required"),
        ({"Email": "a@example.com"}, 'MJ18 A Sender resource with value "a@example.com" for Email already exists.'),
        ({"Email": "a"}, 'MJ08 Property Email is invalid: Invalid email address "a", reason: "No @ character in mail"'),
        ({"Email": "b@example.com", "Status": "Active"}, 'MJ19 Setting a value for property "Status" is not allowed'),
        (
            {"Email": "b@example.com", "Colour": "red"},
            'Invalid json input: object ""->"TSender" has no property "Colour"',
        ),
    ],
)
def test_a_bad_sender_is_refused_in_mailjet_s_words(api: Api, body: object, message: str) -> None:
    api.post(SENDERS, {"Email": "a@example.com"})
    answer = api.post(SENDERS, body)

    assert (answer.status_code, answer.json()["ErrorMessage"]) == (400, message)


@pytest.mark.parametrize(
    ("filters", "emails"),
    [
        ({}, ["a@example.com", "*@example.net", "old@example.net"]),
        ({"Email": "a@example.com"}, ["a@example.com"]),
        ({"Domain": "example.net"}, ["*@example.net", "old@example.net"]),
        ({"IsDomainSender": "true"}, ["*@example.net"]),
        ({"Status": "Active"}, ["a@example.com", "*@example.net"]),
        ({"ShowDeleted": "false"}, ["a@example.com", "*@example.net"]),
        ({"LocalPart": "a"}, ["a@example.com"]),
    ],
)
def test_lists_are_filtered(api: Api, sandbox: SandboxControl, filters: dict[str, str], emails: list[str]) -> None:
    for email, status in (("a@example.com", "Active"), ("*@example.net", "Active"), ("old@example.net", "Deleted")):
        sandbox.put_sender(email, status=status)

    assert [row["Email"] for row in api.get(SENDERS, **filters).json()["Data"]] == emails


def test_an_absent_sender_is_not_found(api: Api) -> None:
    assert api.get(f"{SENDERS}/7").status_code == 404
