"""What may be concluded from each way a call can go wrong."""

import pytest

from omnicrm.mailjet.errors import (
    MailjetError,
    OutcomeUnknown,
    RateLimited,
    RequestRejected,
    Suspended,
    Unauthorized,
    Unreachable,
)
from omnicrm.mailjet.transport import Transport
from tests.integration.mailjet.conftest import API_SECRET, Answering, http

SUSPENDED = b'{"ErrorIdentifier":"1","ErrorCode":"mj-0001","StatusCode":401,"ErrorMessage":"temporarily blocked"}'
BAD_PAIR = b'{"ErrorIdentifier":"1","StatusCode":401,"ErrorMessage":"API key authentication/authorization failure."}'


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (http(401, b""), Unauthorized),
        (http(401, BAD_PAIR), Unauthorized),
        (http(401, SUSPENDED), Suspended),
        (http(429, b"<html>429 Too Many Requests</html>"), RateLimited),
        (http(404, b"<html>nginx</html>"), RequestRejected),
        (http(302, b"", "Location: http://elsewhere.example/"), RequestRejected),
        (http(500, b'{"ErrorMessage":"oops"}'), OutcomeUnknown),
        (http(502, b"<html>bad gateway</html>"), OutcomeUnknown),
        (http(408, b""), OutcomeUnknown),
        (http(200, b'{"Messages":[{"Sta'), OutcomeUnknown),
        (http(200, b"[]"), OutcomeUnknown),
        (http(200, b"x" * 50)[:-20], OutcomeUnknown),
        (b"this is not HTTP\r\n\r\n", OutcomeUnknown),
        (None, OutcomeUnknown),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else (value or b"closed")[:40].decode(),
)
async def test_each_answer_has_its_error(answering: Answering, raw: bytes | None, error: type[MailjetError]) -> None:
    async with answering(raw) as transport:
        with pytest.raises(error) as caught:
            await transport.request("POST", "/v3.1/send", body=b"{}")
    assert type(caught.value) is error
    assert API_SECRET not in str(caught.value)


async def test_no_answer_in_time_leaves_the_outcome_unknown(answering: Answering) -> None:
    async with answering(http(200, b"{}"), delay=2, total=0.3) as transport:
        with pytest.raises(OutcomeUnknown):
            await transport.request("POST", "/v3.1/send", body=b"{}")


async def test_nobody_listening_is_surely_not_processed() -> None:
    async with Transport(base_url="http://127.0.0.1:9", api_key="k", api_secret="s") as transport:
        with pytest.raises(Unreachable, match="cannot connect"):
            await transport.request("GET", "/v3/REST/user")


async def test_a_name_that_does_not_resolve_is_surely_not_processed() -> None:
    async with Transport(base_url="http://mailjet.invalid", api_key="k", api_secret="s") as transport:
        with pytest.raises(Unreachable):
            await transport.request("GET", "/v3/REST/user")


@pytest.mark.parametrize(("header", "seconds"), [("Retry-After: 7", 7), ("Retry-After: soon", None), ("X: 1", None)])
async def test_a_delay_is_taken_from_retry_after(answering: Answering, header: str, seconds: float | None) -> None:
    async with answering(http(429, b"", header)) as transport:
        with pytest.raises(RateLimited) as caught:
            await transport.request("POST", "/v3.1/send", body=b"{}")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_that_has_no_body_by_right_is_an_answer(answering: Answering, status: int) -> None:
    async with answering(http(status, b"")) as transport:
        answer = await transport.request("PUT", "/v3/REST/template/1", body=b"{}")
    assert (answer.status, answer.body) == (status, {})


async def test_an_error_message_may_be_an_object(answering: Answering) -> None:
    body = b'{"ErrorInfo":{"Properties":[{"foo":"Property not defined"}]},"ErrorMessage":"invalid","StatusCode":400}'
    async with answering(http(400, body)) as transport:
        answer = await transport.request("POST", "/v3/REST/contact", body=b"{}")
    assert answer.status == 400
