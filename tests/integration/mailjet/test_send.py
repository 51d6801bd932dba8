"""One verdict per message, by its place, whatever the HTTP status."""

from base64 import b64encode
from dataclasses import replace

import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.mailjet.errors import OutcomeUnknown, RequestRejected
from omnicrm.mailjet.send import (
    LARGEST_ATTACHED,
    Accepted,
    Address,
    Attachment,
    CallWriter,
    Refused,
    TemplateMessage,
    Verdict,
    call_body,
    pack,
    send,
)
from omnicrm.mailjet.transport import Transport
from tests.integration.mailjet.conftest import Answering, http


def message(number: int, *, to: str | None = None, template_id: int = 5977509) -> TemplateMessage:
    return TemplateMessage(
        custom_id=f"m{number}",
        sender=Address(email="support@yourcompany.com", name="Support"),
        to=Address(email=to or f"c{number}@example.com", name="Hélène"),
        template_id=template_id,
        subject="Bienvenue",
        variables='{"customer_name":"Hélène"}',
    )


async def send_all(url: str, *messages: TemplateMessage) -> list[Verdict]:
    (parcel,) = pack(messages)
    async with Transport(base_url=url, api_key="k", api_secret="s") as transport:
        return await send(transport, call_body(parcel.parts), count=len(parcel.parts))


def test_calls_are_cut_by_the_bytes_of_files_that_are_still_to_come() -> None:
    file = Attachment(content_type="application/pdf", filename="f.pdf", size=LARGEST_ATTACHED // 2)
    messages = [replace(message(number), attachments=(file,)) for number in range(5)]
    assert [len(parcel.parts) for parcel in pack([*messages, message(5)])] == [2, 2, 2]


def test_what_was_announced_is_enough_for_what_is_sent() -> None:
    file = Attachment(content_type="application/pdf", filename='"\n\t\x00é.pdf', size=1000)
    plain = message(1)
    ((part,),) = [parcel.parts for parcel in pack([replace(plain, attachments=(file,))])]
    body = CallWriter()
    body.add(part, [(file, b64encode(b"x" * 1000))])
    assert len(body.finished()) <= len(call_body([part])) + file.encoded_size


async def test_accepted_messages_carry_mailjets_64_bit_ids(sandbox: SandboxControl, sandbox_url: str) -> None:
    verdicts = await send_all(sandbox_url, message(1), message(2))
    ids = [verdict.message_id for verdict in verdicts if isinstance(verdict, Accepted)]
    assert ids == [arrived.message_id for arrived in sorted(sandbox.messages(), key=lambda arrived: arrived.custom_id)]
    assert min(ids) > 2**53


async def test_in_a_mixed_call_each_verdict_stands_at_its_messages_place(
    sandbox: SandboxControl, sandbox_url: str
) -> None:
    verdicts = await send_all(sandbox_url, message(1), message(2, to="nobody"), message(3, template_id=404), message(4))
    assert [type(verdict) for verdict in verdicts] == [Accepted, Refused, Refused, Accepted]
    assert "mj-0013" in str(verdicts[1])
    assert "send-0010" in str(verdicts[2])
    assert {arrived.custom_id for arrived in sandbox.messages()} == {"m1", "m4"}


async def test_a_refusal_of_the_whole_call_is_an_error_of_its_own(answering: Answering) -> None:
    body = b'{"ErrorIdentifier":"1","ErrorCode":"mj-0002","StatusCode":400,"ErrorMessage":"Malformed JSON"}'
    async with answering(http(400, body)) as transport:
        with pytest.raises(RequestRejected, match="mj-0002: Malformed JSON"):
            await send(transport, b"{}", count=1)


@pytest.mark.parametrize(
    "body",
    [
        b'{"Messages":[]}',
        b'{"Messages":[{"Status":"success","To":[]}]}',
        b'{"Messages":[{"Status":"success","To":[{"MessageID":"many"}]}]}',
        b'{"Messages":[{"Status":"success","To":[{"MessageID":99999999999999999999}]}]}',
        b'{"Messages":[null]}',
        b'{"Messages":"all of them"}',
        b'{"Sent":[]}',
    ],
)
async def test_an_answer_that_does_not_fit_leaves_the_outcome_unknown(answering: Answering, body: bytes) -> None:
    async with answering(http(200, body)) as transport:
        with pytest.raises(OutcomeUnknown):
            await send(transport, b"{}", count=1)


async def test_an_error_text_never_holds_what_the_database_cannot(answering: Answering) -> None:
    body = b'{"Messages":[{"Status":"error","Errors":[{"StatusCode":400,"ErrorMessage":"bad \\u0000 address"}]}]}'
    async with answering(http(400, body)) as transport:
        (verdict,) = await send(transport, b"{}", count=1)
    assert "\0" not in str(verdict)


async def test_a_fault_of_mailjets_own_in_an_entry_is_passing(answering: Answering) -> None:
    body = b'{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"","StatusCode":500,"ErrorMessage":"try later"}]}]}'
    async with answering(http(400, body)) as transport:
        (verdict,) = await send(transport, b"{}", count=1)
    assert isinstance(verdict, Refused)
    assert verdict.is_passing
