"""How messages are cut into calls."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.mailjet.send import MAX_BYTES, MAX_MESSAGES, Address, Attachment, TemplateMessage, pack


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
    return Attachment(content_type="application/pdf", filename="invoice.pdf", base64_content="A" * size)


@given(st.integers(0, 230))
def test_every_message_goes_out_once_and_in_order(count: int) -> None:
    calls = list(pack([message(number) for number in range(count)]))
    sent = [entry["CustomID"] for _, body in calls for entry in orjson.loads(body)["Messages"]]
    assert sent == [f"message-{number}" for number in range(count)]


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_call_holds_at_most_fifty_messages(count: int, calls: int) -> None:
    sizes = [len(messages) for messages, _ in pack([message(number) for number in range(count)])]
    assert len(sizes) == calls
    assert max(sizes, default=0) <= MAX_MESSAGES


def test_a_call_stays_below_the_size_limit() -> None:
    big = [message(number, attachments=(pdf(4 * 1024 * 1024),)) for number in range(7)]
    calls = list(pack(big))
    assert [len(messages) for messages, _ in calls] == [3, 3, 1]
    assert all(len(body) <= MAX_BYTES for _, body in calls)


def test_a_message_over_the_size_limit_goes_alone() -> None:
    huge = message(2, attachments=(pdf(MAX_BYTES + 1),))
    assert [len(messages) for messages, _ in pack([message(1), huge, message(3)])] == [1, 1, 1]


def test_the_body_asks_for_errors_now_and_for_the_template_language() -> None:
    _, body = next(pack([message()]))
    call = orjson.loads(body)
    assert call["AdvanceErrorHandling"] is True
    assert call["Messages"][0]["TemplateLanguage"] is True
    assert call["Messages"][0]["Variables"] == {"customer_name": "Hélène"}


def test_a_name_that_is_unknown_is_left_out() -> None:
    _, body = next(pack([message()]))
    assert orjson.loads(body)["Messages"][0]["To"] == [{"Email": "c1@example.com"}]
