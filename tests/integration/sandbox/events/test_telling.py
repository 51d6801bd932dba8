"""How events are told: in which form, when, how often, and what becomes of them where nobody listens."""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from mailjet_sandbox.control import ControlError, SandboxControl
from mailjet_sandbox.process import start_sandbox
from tests.integration.sandbox.caller import Api, NewApi
from tests.integration.sandbox.events.receiver import CALLBACKS, Receiver, register, send, wait_until

HALF_A_MINUTE = 31
DAY = 24 * 3600 + 1
AT_ONCE = 10
"""Seconds. It takes a fifth of one on an idle machine."""


@pytest.fixture
def held(sandbox: SandboxControl) -> SandboxControl:
    """Tells events only when it is asked to."""
    sandbox.settings(hold_events=True)
    return sandbox


@pytest.fixture
def closed(receiver: Receiver) -> Iterator[Receiver]:
    """Takes POSTs and does not answer them until the gate is opened."""
    receiver.gate.clear()
    yield receiver
    receiver.gate.set()


def statuses(api: Api) -> set[str]:
    return {row["Status"] for row in api.get(CALLBACKS, Limit=100).json()["Data"]}


def test_events_are_told_by_themselves(api: Api, receiver: Receiver) -> None:
    register(api, receiver.url())
    send(api)
    wait_until(lambda: receiver.kinds == ["sent"])


def test_version_1_tells_each_event_as_an_object_in_its_own_post(
    api: Api, held: SandboxControl, receiver: Receiver
) -> None:
    register(api, receiver.url(), version=1)
    for _ in range(3):
        send(api)
    assert held.flush_events().told == 3
    assert [post.body["event"] for post in receiver.posts] == ["sent", "sent", "sent"]


def test_version_2_tells_events_of_all_kinds_in_one_array(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url())
    send(api)
    send(api, "a+hardbounce@example.org")
    held.flush_events()
    (post,) = receiver.posts
    assert [event["event"] for event in post.body] == ["sent", "bounce"]
    assert post.content_type == "application/json"


def test_version_2_posts_once_a_second_at_most(api: Api, receiver: Receiver) -> None:
    register(api, receiver.url())
    send(api)
    wait_until(lambda: len(receiver.posts) == 1)
    for _ in range(5):
        send(api)
    wait_until(lambda: len(receiver.events) == 6)
    times = [post.arrived_at for post in receiver.posts]
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.9


def test_user_and_password_of_the_url_are_given_as_basic_authentication(
    api: Api, held: SandboxControl, receiver: Receiver
) -> None:
    register(api, receiver.url(user="mailjet:p%40ss%20word"), "sent")
    send(api)
    held.flush_events()
    (post,) = receiver.posts
    assert (post.path, post.user) == ("/events", "mailjet:p@ss word")


def test_an_event_tells_of_the_message_what_mailjet_tells(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), "sent", version=1)
    number = send(api, CustomID="inv-42", EventPayload="mine", CustomCampaign="spring")
    held.flush_events()
    (event,) = receiver.events
    assert (event["MessageID"], event["CustomID"], event["Payload"]) == (number, "inv-42", "mine")
    assert (event["email"], event["customcampaign"]) == ("customer@example.org", "spring")
    assert event["Message_GUID"] == held.message(number).message_uuid
    assert abs(event["time"] - time.time()) < 600
    assert {"mj_campaign_id", "mj_contact_id", "mj_message_id", "smtp_reply"} < event.keys()


def test_without_a_callback_nothing_is_kept_or_told(api: Api, sandbox: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), "bounce")
    send(api)
    assert sandbox.events() == []
    assert sandbox.flush_events().told == 0


def test_events_go_to_the_callbacks_of_the_key_that_sent(
    api: Api, held: SandboxControl, receiver: Receiver, new_api: NewApi
) -> None:
    stranger = new_api(api.url)
    stranger.session.auth = ("other", "pair")
    register(api, receiver.url("/mine"))
    register(stranger, receiver.url("/theirs"))
    send(stranger)
    held.flush_events()
    assert [post.path for post in receiver.posts] == ["/theirs"]


@pytest.mark.parametrize("status", [201, 204, 301, 401, 500])
def test_anything_but_200_is_a_failure(api: Api, held: SandboxControl, receiver: Receiver, status: int) -> None:
    register(api, receiver.url(user="a:secret"), "sent")
    receiver.status = status
    send(api)
    flushed = held.flush_events()
    assert (flushed.told, flushed.pending) == (0, 1)
    assert flushed.problems == (f"events to {receiver.url()}: HTTP {status}",)


def test_what_failed_is_told_again_after_half_a_minute(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), "sent")
    receiver.status = 500
    send(api)
    held.flush_events()
    receiver.status = 200
    held.settings(hold_events=False, clock_offset_seconds=HALF_A_MINUTE)
    wait_until(lambda: held.events()[0].told == 1)
    assert receiver.posts[0].body == receiver.posts[1].body


@pytest.mark.parametrize("host", ["127.0.0.1:9", "a" * 300], ids=["closed", "impossible"])
def test_a_url_where_nobody_answers_is_a_failure_like_any(api: Api, held: SandboxControl, host: str) -> None:
    register(api, f"http://{host}/events", "sent")
    send(api)
    flushed = held.flush_events()
    assert (flushed.told, flushed.pending, len(flushed.problems)) == (0, 1, 1)


def test_order_is_kept_over_a_failure(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), version=1)
    numbers = [send(api), send(api)]
    receiver.status = 500
    held.flush_events()
    receiver.status = 200
    numbers.append(send(api))
    receiver.posts.clear()
    held.flush_events()
    assert [event["MessageID"] for event in receiver.events] == numbers


def test_a_callback_dies_after_a_day_of_failures_and_its_events_are_lost(
    api: Api, held: SandboxControl, receiver: Receiver
) -> None:
    register(api, receiver.url(), "sent", "bounce")
    receiver.status = 500
    send(api)
    held.flush_events()
    assert statuses(api) == {"alive"}
    held.settings(clock_offset_seconds=DAY)
    assert held.flush_events().pending == 0
    assert statuses(api) == {"dead"}
    assert [event.is_lost for event in held.events()] == [True]


def test_a_success_in_between_starts_the_day_anew(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), "sent")
    for status, offset in ((500, 0), (200, DAY // 2), (500, DAY)):
        receiver.status = status
        held.settings(clock_offset_seconds=offset)
        send(api)
        held.flush_events()
    assert statuses(api) == {"alive"}


def test_a_backup_stands_in_for_a_dead_one(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    (number,) = register(api, receiver.url("/first"), "sent")
    register(api, receiver.url("/backup"), "sent", IsBackup=True)
    send(api)
    api.put(f"{CALLBACKS}/{number}", {"Status": "dead"})
    send(api)
    held.flush_events()
    assert [(post.path, len(post.body)) for post in receiver.posts] == [("/backup", 2)]


def test_a_new_url_gets_what_the_old_one_refused(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    (number,) = register(api, "http://127.0.0.1:9/nobody", "sent")
    send(api)
    assert held.flush_events().pending == 1
    api.put(f"{CALLBACKS}/{number}", {"Url": receiver.url()})
    assert held.flush_events().told == 1


def test_a_url_that_changes_in_the_middle_of_telling_gets_what_the_old_one_refused(
    api: Api, sandbox: SandboxControl, closed: Receiver
) -> None:
    (number,) = register(api, closed.url("/old"), "sent")
    closed.status = 500
    send(api)
    wait_until(lambda: len(closed.posts) == 1)
    api.put(f"{CALLBACKS}/{number}", {"Url": closed.url("/new")})
    closed.gate.set()
    wait_until(lambda: [post.path for post in closed.posts] == ["/old", "/new"])


def test_one_who_does_not_answer_holds_up_neither_sending_nor_others(
    api: Api, sandbox: SandboxControl, closed: Receiver
) -> None:
    register(api, closed.url(), "sent", version=1)
    register(api, "http://127.0.0.1:9/nobody", "bounce")
    send(api)
    wait_until(lambda: len(closed.posts) == 1)
    started = time.monotonic()
    send(api, "a+hardbounce@example.org")
    assert time.monotonic() - started < AT_ONCE
    assert len(sandbox.messages()) == 2


def test_the_sandbox_stops_at_once_and_quietly_in_the_middle_of_telling(closed: Receiver, new_api: NewApi) -> None:
    with start_sandbox() as process:
        api = new_api(process.url)
        register(api, closed.url(), "sent")
        send(api)
        wait_until(lambda: len(closed.posts) == 1)
        started = time.monotonic()
        process.stop()
        assert (process.process.returncode, time.monotonic() - started < AT_ONCE) == (0, True)


def test_events_are_told_twice_on_demand(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), "sent", version=1)
    send(api)
    assert held.flush_events(times=2).told == 2
    assert receiver.events[0] == receiver.events[1]


def test_events_are_told_in_reverse_on_demand(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url())
    number = send(api)
    held.emit(number, "open")
    held.emit(number, "click", url="https://example.com/a")
    held.flush_events(reverse=True)
    assert receiver.kinds == ["click", "open", "sent"]


def test_an_event_is_made_to_happen_with_what_it_shall_say(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), "bounce")
    held.emit(send(api), "bounce", hard_bounce=False, error="greylisted", time=1_700_000_000)
    held.flush_events()
    (event,) = receiver.events
    assert (event["hard_bounce"], event["error"], event["time"]) == (False, "greylisted", 1_700_000_000)


def test_the_test_event_is_about_no_message(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url(), "open")
    held.emit(0, "open")
    held.flush_events()
    (event,) = receiver.events
    assert (event["MessageID"], event["email"], event["CustomID"]) == (0, "", "")


def test_an_event_that_nobody_would_be_told_is_refused(api: Api, sandbox: SandboxControl) -> None:
    number = send(api)
    for about in (number, 0):
        with pytest.raises(ControlError, match='no living callback for "open" is registered'):
            sandbox.emit(about, "open")


@pytest.mark.parametrize(
    ("message_id", "kind", "problem"),
    [(7, "open", "message 7 does not exist"), (0, "opened", "kind: "), (-1, "open", "not a whole number")],
)
def test_a_bad_event_is_refused(sandbox: SandboxControl, message_id: int, kind: str, problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        sandbox.emit(message_id, kind)


def test_events_are_listed_by_kind_message_and_address(api: Api, held: SandboxControl, receiver: Receiver) -> None:
    register(api, receiver.url())
    first, second = send(api, "a@example.org"), send(api, "b@example.org")
    held.emit(first, "open")
    assert [event.kind for event in held.events(message_id=first)] == ["sent", "open"]
    assert [event.message_id for event in held.events(to="B@example.org")] == [second]
    assert [event.message_id for event in held.events(kind="open")] == [first]
    assert {event.told for event in held.events()} == {0}


def test_a_reset_forgets_events_even_those_being_told(api: Api, sandbox: SandboxControl, closed: Receiver) -> None:
    register(api, closed.url(), "sent")
    send(api)
    wait_until(lambda: len(closed.posts) == 1)
    sandbox.reset()
    closed.status = 500
    closed.gate.set()
    assert (sandbox.events(), sandbox.flush_events().pending) == ([], 0)


def test_callbacks_outlive_a_restart(tmp_path_factory: pytest.TempPathFactory, new_api: NewApi) -> None:
    state = tmp_path_factory.mktemp("state") / "sandbox.jsonl"
    with start_sandbox(state=state) as process:
        register(new_api(process.url), "http://127.0.0.1:9/nobody", "sent")
    with start_sandbox(state=state) as process:
        (row,) = new_api(process.url).get(CALLBACKS).json()["Data"]
    assert (row["EventType"], row["Url"], row["Version"]) == ("sent", "http://127.0.0.1:9/nobody", 2)
