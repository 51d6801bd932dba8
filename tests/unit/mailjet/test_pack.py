"""How messages are cut into calls."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.mailjet.send import MAX_BYTES, MAX_MESSAGES, Address, Attachment, TemplateMessage, call_body, pack


def message(number: int = 1, *, attachments: tuple[Attachment, ...] = ()) -> TemplateMessage:
    return TemplateMessage(
        custom_id=f"message-{number}",
        sender=Address(email="support@yourcompany.com", name="Support"),
        to=Address(email=f"c{number}@example.com"),
        template_id=5977509,
        subject="Bienvenue",
        variables='{"customer_name":"Hélène"}',
        attachments=attachments,
    )


def pdf(size: int) -> Attachment:
    return Attachment(content_type="application/pdf", filename="invoice.pdf", size=size)


@given(st.integers(0, 230))
def test_every_message_goes_out_once_and_in_order(count: int) -> None:
    calls = list(pack([message(number) for number in range(count)]))
    sent = [entry["CustomID"] for call in calls for entry in orjson.loads(call_body(call.parts))["Messages"]]
    assert sent == [f"message-{number}" for number in range(count)]


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_call_holds_at_most_fifty_messages(count: int, calls: int) -> None:
    sizes = [len(call.messages) for call in pack([message(number) for number in range(count)])]
    assert len(sizes) == calls
    assert max(sizes, default=0) <= MAX_MESSAGES


def test_a_call_stays_below_the_size_limit() -> None:
    big = [message(number, attachments=(pdf(4 * 1024 * 1024),)) for number in range(7)]
    calls = list(pack(big))
    assert [len(call.messages) for call in calls] == [2, 2, 2, 1]
    encoded = [sum(file.encoded_size for each in call.messages for file in each.attachments) for call in calls]
    assert max(encoded) <= MAX_BYTES


def test_a_message_over_the_size_limit_goes_alone() -> None:
    huge = message(2, attachments=(pdf(MAX_BYTES + 1),))
    assert [len(call.messages) for call in pack([message(1), huge, message(3)])] == [1, 1, 1]


def test_the_body_asks_for_errors_now_and_for_the_template_language() -> None:
    call = orjson.loads(call_body(next(pack([message()])).parts))
    assert call["AdvanceErrorHandling"] is True
    assert call["Messages"][0]["TemplateLanguage"] is True
    assert call["Messages"][0]["Variables"] == {"customer_name": "Hélène"}


def test_a_name_that_is_unknown_is_left_out() -> None:
    body = call_body(next(pack([message()])).parts)
    assert orjson.loads(body)["Messages"][0]["To"] == [{"Email": "c1@example.com"}]
