"""POST /v3.1/send: what is accepted, what the answer says, and what is kept."""

import base64
from datetime import UTC, datetime, timedelta

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

ANA, BEN, CLEO = ({"Email": f"{name}@example.org"} for name in ("ana", "ben", "cleo"))


def test_an_accepted_message_is_answered_with_an_entry_for_its_recipient(api: Api) -> None:
    answer = api.send(build_message(CustomID="order-7"))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    (entry,) = answer.json()["Messages"]
    (recipient,) = entry["To"]
    assert (entry["Status"], entry["CustomID"], entry["Cc"], entry["Bcc"]) == ("success", "order-7", [], [])
    assert recipient["Email"] == "customer@example.org"
    assert recipient["MessageHref"] == f"{api.url}/v3/REST/message/{recipient['MessageID']}"


def test_every_recipient_gets_a_message_id_of_its_own_beyond_what_a_float_can_hold(api: Api) -> None:
    entry = api.send(build_message(To=[ANA], Cc=[BEN], Bcc=[CLEO])).json()["Messages"][0]

    ids = [entry[field][0]["MessageID"] for field in ("To", "Cc", "Bcc")]
    assert len(set(ids)) == 3
    assert all(2**53 < number < 2**63 for number in ids)
    assert len({entry[field][0]["MessageUUID"] for field in ("To", "Cc", "Bcc")}) == 3


def test_the_same_address_in_to_cc_and_bcc_gets_three_messages(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message(To=[ANA], Cc=[ANA], Bcc=[ANA]))

    assert len(sandbox.messages(to="ana@example.org")) == 3


def test_the_answer_keeps_the_order_of_the_call(api: Api) -> None:
    answer = api.send(*(build_message(CustomID=str(number)) for number in range(50)))

    assert [entry["CustomID"] for entry in answer.json()["Messages"]] == [str(number) for number in range(50)]


def test_what_was_sent_is_kept_as_it_was_sent(api: Api, sandbox: SandboxControl) -> None:
    sent = build_message(HTMLPart="<p>Hello</p>", ReplyTo=ANA, Headers={"X-Case": "7"}, EventPayload="p", CustomID="c")
    entry = api.send(sent).json()["Messages"][0]["To"][0]

    kept = sandbox.message(entry["MessageID"])
    assert (kept.message_uuid, kept.recipient, kept.sender) == (
        entry["MessageUUID"],
        "customer@example.org",
        "billing@example.com",
    )
    assert (kept.subject, kept.text, kept.html, kept.status) == ("Your invoice", "Hello", "<p>Hello</p>", "sent")
    assert (kept.headers, kept.custom_id, kept.json["event_payload"]) == ({"X-Case": "7"}, "c", "p")
    assert kept.json["reply_to"] == {"email": "ana@example.org", "name": ""}
    assert kept.json["request"] == sent


def test_a_message_is_dated_with_its_arrival(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message())

    accepted_at = datetime.fromisoformat(sandbox.messages()[0].json["accepted_at"])
    assert abs(datetime.now(UTC) - accepted_at) < timedelta(seconds=20)


def test_attachments_arrive_byte_for_byte(api: Api, sandbox: SandboxControl) -> None:
    pdf, logo = bytes(range(256)), b"\x89PNG"
    files = [
        {"ContentType": "application/pdf", "Filename": "facture é.pdf", "Base64Content": base64.b64encode(pdf).decode()}
    ]
    inlined = [{"ContentType": "image/png", "Filename": "logo.png", "Base64Content": base64.b64encode(logo).decode()}]
    api.send(build_message(Attachments=files, InlinedAttachments=inlined))

    attached, embedded = sandbox.messages()[0].attachments
    assert (attached.filename, attached.content_type, attached.content_id) == ("facture é.pdf", "application/pdf", "")
    assert sandbox.download(attached) == pdf
    assert embedded.content_id == "logo.png", "without ContentID the file name is the cid"
    assert sandbox.download(embedded) == logo


def test_the_kept_request_shows_files_without_their_content(api: Api, sandbox: SandboxControl) -> None:
    content = base64.b64encode(b"x" * 300).decode()
    api.send(build_message(Attachments=[{"ContentType": "a/b", "Filename": "f", "Base64Content": content}]))

    (shown,) = sandbox.messages()[0].json["request"]["Attachments"]
    assert shown == {"ContentType": "a/b", "Filename": "f", "Base64Content": "(400 characters)"}


def test_globals_are_defaults_that_a_message_overrides(api: Api, sandbox: SandboxControl) -> None:
    shared = {"From": {"Email": "shared@example.com"}, "Subject": "Shared", "TextPart": "Shared text"}
    api.send({"To": [ANA]}, {"To": [BEN], "Subject": "Own"}, Globals=shared)

    (ana,), (ben,) = sandbox.messages(to="ana@example.org"), sandbox.messages(to="ben@example.org")
    assert (ana.sender, ana.subject, ana.text) == ("shared@example.com", "Shared", "Shared text")
    assert (ben.sender, ben.subject, ben.text) == ("shared@example.com", "Own", "Shared text")


def test_variables_and_headers_are_merged_name_by_name(api: Api, sandbox: SandboxControl) -> None:
    shared = {"Variables": {"a": 1, "b": 1}, "Headers": {"X-A": "1", "X-B": "1"}}
    api.send(build_message(Variables={"b": 2}, Headers={"X-B": "2"}), Globals=shared)

    (kept,) = sandbox.messages()
    assert kept.variables == {"a": 1, "b": 2}
    assert kept.headers == {"X-A": "1", "X-B": "2"}


def test_files_in_globals_are_attached_to_every_message(api: Api, sandbox: SandboxControl) -> None:
    files = [{"ContentType": "a/b", "Filename": "terms.txt", "Base64Content": "aGk="}]
    api.send(build_message(To=[ANA]), build_message(To=[BEN]), Globals={"Attachments": files})

    assert [sandbox.download(message.attachments[0]) for message in sandbox.messages()] == [b"hi", b"hi"]


def test_sandbox_mode_validates_and_keeps_nothing(api: Api, sandbox: SandboxControl) -> None:
    answer = api.send(build_message(), build_message(To=[]), SandboxMode=True).json()["Messages"]

    (recipient,) = answer[0]["To"]
    assert (recipient["MessageID"], recipient["MessageUUID"]) == (0, "")
    assert recipient["MessageHref"].endswith("/message/0")
    assert answer[1]["Status"] == "error"
    assert sandbox.messages() == []


def test_a_campaign_with_deduplication_reaches_a_contact_once(api: Api, sandbox: SandboxControl) -> None:
    for address in ("ana@example.org", "ANA@example.org", "ben@example.org"):
        to = [{"Email": address}]
        api.send(build_message(To=to, CustomCampaign="spring", DeduplicateCampaign=True))

    newest_first = [(message.status, message.reason) for message in sandbox.messages()]
    assert newest_first == [("sent", ""), ("blocked", "duplicate in campaign"), ("sent", "")]


def test_nothing_is_sent_twice_over_by_a_campaign_without_deduplication(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message(CustomCampaign="spring"), build_message(CustomCampaign="spring"))

    assert [message.status for message in sandbox.messages()] == ["sent", "sent"]
