"""Registering the webhook at Mailjet."""

from collections.abc import AsyncIterator
from datetime import timedelta

import orjson
import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.mailjet.errors import OutcomeUnknown, RequestRejected, Unauthorized
from omnicrm.mailjet.events import Kind, read_events
from omnicrm.mailjet.transport import Transport
from omnicrm.mailjet.webhooks import PATH, VERSION, Registered, list_webhooks, register
from tests.integration.mailjet.conftest import Answering, http
from tests.integration.mailjet.test_send import message, send_all

URL = "http://mailjet:pass%20word@127.0.0.1:9/crm/mailjet/events"
OTHER_URL = "http://127.0.0.1:9/elsewhere"
DAY = timedelta(days=1, seconds=1).total_seconds()
ROW = {"ID": 7, "EventType": "open", "Url": URL, "Version": 2, "Status": "alive", "IsBackup": False}


@pytest.fixture
async def transport(sandbox: SandboxControl, sandbox_url: str) -> AsyncIterator[Transport]:
    sandbox.settings(strict_filters=True, hold_events=True)
    async with Transport(base_url=sandbox_url, api_key="k", api_secret="s") as connected:
        yield connected


async def post(transport: Transport, **properties: object) -> None:
    answer = await transport.request("POST", PATH, body=orjson.dumps({"EventType": "open", "Url": URL, **properties}))
    assert answer.status == 201


async def kill_all(transport: Transport, sandbox: SandboxControl) -> None:
    """Lets a day of failures go by for every kind."""
    for kind in Kind:
        sandbox.emit(0, kind.value)
    sandbox.flush_events()
    sandbox.settings(clock_offset_seconds=DAY)
    sandbox.flush_events()
    assert not any(webhook.is_alive for webhook in await list_webhooks(transport))


async def test_at_first_there_are_none(transport: Transport) -> None:
    assert await list_webhooks(transport) == []


async def test_all_seven_kinds_are_registered_with_arrays_of_events(transport: Transport) -> None:
    assert await register(transport, url=URL) == Registered(created=tuple(Kind))
    webhooks = await list_webhooks(transport)
    assert {webhook.kind for webhook in webhooks} == set(Kind)
    assert {(webhook.url, webhook.version, webhook.is_alive) for webhook in webhooks} == {(URL, VERSION, True)}


async def test_registering_again_changes_nothing_and_makes_one_call(
    transport: Transport, sandbox: SandboxControl
) -> None:
    await register(transport, url=URL)
    sandbox.clear_calls()
    again = await register(transport, url=URL)
    assert (again, again.has_changes) == (Registered(), False)
    assert [call.method for call in sandbox.calls()] == ["GET"]


async def test_another_url_takes_the_place_of_the_one_before(transport: Transport) -> None:
    await register(transport, url=OTHER_URL)
    assert await register(transport, url=URL) == Registered(changed=tuple(Kind))
    assert {webhook.url for webhook in await list_webhooks(transport)} == {URL}


async def test_a_webhook_of_single_events_is_turned_into_one_of_arrays(transport: Transport) -> None:
    await post(transport, EventType="bounce", Version=1)
    assert (await register(transport, url=URL)).changed == (Kind.BOUNCE,)
    assert {webhook.version for webhook in await list_webhooks(transport)} == {VERSION}


async def test_backups_are_left_alone_even_where_there_are_more_than_ten_rows(transport: Transport) -> None:
    for kind in Kind:
        await post(transport, EventType=kind.value, Url=OTHER_URL, IsBackup=True)
    await register(transport, url=URL)
    assert (await register(transport, url=URL)).has_changes is False
    backups = [webhook for webhook in await list_webhooks(transport) if webhook.is_backup]
    assert [(webhook.kind, webhook.url, webhook.version) for webhook in backups] == [(k, OTHER_URL, 1) for k in Kind]


async def test_kinds_that_concern_no_message_are_left_alone(transport: Transport) -> None:
    await post(transport, EventType="parseapi", Url=OTHER_URL)
    await register(transport, url=URL)
    assert {webhook.kind for webhook in await list_webhooks(transport)} == set(Kind)
    answer = await transport.request("GET", PATH, params={"EventType": "parseapi"})
    assert [row["Url"] for row in answer.body["Data"]] == [OTHER_URL]


@pytest.mark.parametrize("url", [URL, f"{URL}?tenant=7", OTHER_URL])
async def test_a_dead_webhook_is_revived_under_the_right_url(
    transport: Transport, sandbox: SandboxControl, url: str
) -> None:
    await register(transport, url=url)
    await kill_all(transport, sandbox)
    assert await register(transport, url=URL) == Registered(revived=tuple(Kind))
    assert {(webhook.url, webhook.is_alive) for webhook in await list_webhooks(transport)} == {(URL, True)}


async def test_what_was_done_before_an_error_remains_and_the_next_time_does_the_rest(
    transport: Transport, sandbox: SandboxControl
) -> None:
    for kind in list(Kind)[:3]:
        await post(transport, EventType=kind.value, Version=2)
    sandbox.fault("latency", path=PATH)
    sandbox.fault("status", path=PATH)
    with pytest.raises(OutcomeUnknown):
        await register(transport, url=URL)
    assert (await register(transport, url=URL)).created == tuple(Kind)[3:]


async def test_a_refused_url_is_told_without_its_password(transport: Transport) -> None:
    with pytest.raises(RequestRejected) as caught:
        await register(transport, url="ftp://mailjet:pass%20word@127.0.0.1/")
    assert "Url" in str(caught.value)
    assert "pass%20word" not in str(caught.value)


async def test_a_webhook_is_shown_without_its_password(transport: Transport) -> None:
    await register(transport, url=URL)
    assert "pass" not in repr(await list_webhooks(transport))


async def test_all_that_a_webhook_is_told_can_be_read(
    transport: Transport, sandbox: SandboxControl, sandbox_url: str
) -> None:
    await register(transport, url=URL)
    fates = ("", "+hardbounce", "+softbounce", "+greylisted", "+blocked", "+spam")
    await send_all(sandbox_url, *(message(n, to=f"ana{fate}@example.com") for n, fate in enumerate(fates)))
    first = sandbox.messages(to="ana@example.com")[0]
    for kind in ("open", "click", "unsub"):
        sandbox.emit(first.message_id, kind)
    sandbox.emit(0, "open")

    reading = read_events(orjson.dumps([dict(event.payload) for event in sandbox.events()]))
    assert reading.unread == ()
    assert {event.kind for event in reading.events} == set(Kind)
    assert len({event.fingerprint for event in reading.events}) == len(reading.events) == 11
    about_first = [event for event in reading.events if event.mailjet_message_id == first.message_id]
    assert {event.custom_id for event in about_first} == {"m0"}
    assert [event.is_hard for event in reading.events if event.kind is Kind.BOUNCE] == [True, False, False]


async def test_a_wrong_key_pair_is_told(sandbox: SandboxControl, sandbox_url: str) -> None:
    sandbox.register_key("other", "pair")
    async with Transport(base_url=sandbox_url, api_key="k", api_secret="s") as stranger:
        with pytest.raises(Unauthorized):
            await register(stranger, url=URL)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, (2, True, False)),
        ({"Version": "1", "Status": "dead", "IsBackup": "true"}, (1, False, True)),
        ({"Version": None, "Status": "", "IsBackup": "false"}, (1, True, False)),
    ],
)
async def test_rows_are_read_in_every_form_mailjet_may_give_them(
    answering: Answering, row: dict[str, object], expected: tuple[int, bool, bool]
) -> None:
    async with answering(http(200, orjson.dumps({"Count": 1, "Data": [{**ROW, **row}], "Total": 1}))) as transport:
        (webhook,) = await list_webhooks(transport)
    assert (webhook.version, webhook.is_alive, webhook.is_backup) == expected


@pytest.mark.parametrize("body", [b"{}", b'{"Data": [5]}', b'{"Data": [{"EventType": "open"}]}'])
async def test_an_answer_of_an_unknown_form_is_no_list(answering: Answering, body: bytes) -> None:
    async with answering(http(200, body)) as transport:
        with pytest.raises(OutcomeUnknown):
            await list_webhooks(transport)
