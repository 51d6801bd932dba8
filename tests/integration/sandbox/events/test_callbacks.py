"""/v3/REST/eventcallbackurl."""

from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, NewApi
from tests.integration.sandbox.events.receiver import CALLBACKS, KINDS, register

URL = "https://user:pass@crm.example.com/events"


def row(api: Api, number: int) -> dict[str, Any]:
    return dict(api.get(f"{CALLBACKS}/{number}").json()["Data"][0])


def test_a_callback_reads_back_as_it_was_given(api: Api) -> None:
    answer = api.post(CALLBACKS, {"EventType": "open", "Url": URL, "Version": 2, "IsBackup": True})
    (created,) = answer.json()["Data"]
    assert answer.status_code == 201
    assert created.pop("APIKeyID") > 0
    number = created.pop("ID")
    assert created == {"EventType": "open", "IsBackup": True, "Status": "alive", "Url": URL, "Version": 2}
    assert row(api, number)["Url"] == URL


def test_without_a_version_events_come_one_by_one(api: Api) -> None:
    answer = api.post(CALLBACKS, {"EventType": "open", "Url": URL})
    assert answer.json()["Data"][0]["Version"] == 1


def test_kinds_have_numbers_too_and_values_may_be_text(api: Api) -> None:
    answer = api.post(CALLBACKS, {"EventType": 7, "Url": URL, "Version": "2", "IsBackup": "true"})
    (created,) = answer.json()["Data"]
    assert (created["EventType"], created["Version"], created["IsBackup"]) == ("sent", 2, True)


def test_a_second_one_of_a_kind_is_refused_by_its_number(api: Api) -> None:
    register(api, URL, "sent")
    answer = api.post(CALLBACKS, {"EventType": "sent", "Url": "https://other.example/"})
    text = 'MJ18 A EventCallbackURL resource with value "7|false" for EventType|Backup already exists.'
    assert (answer.status_code, answer.json()["ErrorMessage"]) == (400, text)


def test_each_kind_may_have_a_backup_beside_it(api: Api) -> None:
    register(api, URL, "sent")
    assert api.post(CALLBACKS, {"EventType": "sent", "Url": URL, "IsBackup": True}).status_code == 201


def test_a_list_hides_what_is_beyond_ten_rows(api: Api) -> None:
    register(api, URL)
    register(api, URL, IsBackup=True)
    assert len(api.get(CALLBACKS).json()["Data"]) == 10
    assert len(api.get(CALLBACKS, Limit=100).json()["Data"]) == 14


@pytest.mark.parametrize(
    ("filters", "kinds"),
    [({"EventType": "open"}, ["open"]), ({"IsBackup": "true"}, ["spam"]), ({"Status": "alive"}, ["open", "spam"])],
)
def test_lists_are_filtered(api: Api, filters: dict[str, str], kinds: list[str]) -> None:
    register(api, URL, "open")
    register(api, URL, "spam", IsBackup=True)
    assert [each["EventType"] for each in api.get(CALLBACKS, **filters).json()["Data"]] == kinds


def test_a_put_changes_what_it_gives_and_keeps_the_rest(api: Api) -> None:
    (number,) = register(api, URL, "open", version=1)
    assert api.put(f"{CALLBACKS}/{number}", {"Version": 2}).status_code == 200
    assert (row(api, number)["Version"], row(api, number)["Url"]) == (2, URL)


def test_a_put_that_changes_nothing_is_a_304(api: Api) -> None:
    (number,) = register(api, URL, "open")
    answer = api.put(f"{CALLBACKS}/{number}", {"Version": 2, "Url": URL})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_put_cannot_make_a_second_one_of_a_kind(api: Api) -> None:
    numbers = register(api, URL, "open", "spam")
    answer = api.put(f"{CALLBACKS}/{numbers[1]}", {"EventType": "open"})
    assert (answer.status_code, row(api, numbers[1])["EventType"]) == (400, "spam")


def test_a_dead_one_lives_again_with_a_new_url_only(api: Api) -> None:
    (number,) = register(api, URL, "open")
    api.put(f"{CALLBACKS}/{number}", {"Status": "dead"})
    api.put(f"{CALLBACKS}/{number}", {"Status": "alive", "Url": URL})
    assert row(api, number)["Status"] == "dead"
    api.put(f"{CALLBACKS}/{number}", {"Url": f"{URL}?again"})
    assert row(api, number)["Status"] == "alive"


def test_a_deleted_one_is_gone(api: Api) -> None:
    (number,) = register(api, URL, "open")
    assert api.call("DELETE", f"{CALLBACKS}/{number}").status_code == 204
    assert [api.call(method, f"{CALLBACKS}/{number}").status_code for method in ("GET", "DELETE")] == [404, 404]
    assert api.put(f"{CALLBACKS}/{number}", {"Version": 1}).status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"Url": URL}, "MJ08 Property EventType is invalid: MJ03 A non-empty value is required"),
        ({"EventType": "open"}, "MJ08 Property Url is invalid: MJ03 A non-empty value is required"),
        ({"EventType": "opened", "Url": URL}, "MJ08 Property EventType is invalid: MJ06 The value must be one of: "),
        ({"EventType": [], "Url": URL}, "MJ08 Property EventType is invalid: MJ06 The value must be one of: "),
        ({"EventType": "open", "Url": "ftp://a"}, 'MJ08 Property Url is invalid: Invalid URL "ftp://a": '),
        ({"EventType": "open", "Url": "http://a:b/"}, 'MJ08 Property Url is invalid: Invalid URL "http://a:b/": '),
        ({"EventType": "open", "Url": "http:///events"}, "MJ08 Property Url is invalid: Invalid URL "),
        ({"EventType": "open", "Url": f"http://{'é' * 70}/"}, "MJ08 Property Url is invalid: Invalid URL "),
        ({"EventType": "open", "Url": "http://[a/"}, "MJ08 Property Url is invalid: Invalid URL "),
        ({"EventType": "open", "Url": "http://a/" + "b" * 2000}, "MJ08 Property Url is invalid: Invalid URL "),
        ({"EventType": "open", "Url": "http://a/ b"}, 'MJ08 Property Url is invalid: Invalid URL "http://a/ b": '),
        ({"EventType": "open", "Url": URL, "Version": 3}, "MJ08 Property Version is invalid: MJ06 "),
        ({"EventType": "open", "Url": URL, "Version": True}, "MJ08 Property Version is invalid: MJ06 "),
        ({"EventType": "open", "Url": URL, "Status": "asleep"}, "MJ08 Property Status is invalid: MJ06 "),
        ({"EventType": "open", "Url": URL, "ID": 7}, 'MJ19 Setting a value for property "ID" is not allowed'),
        ({"EventType": "open", "Url": URL, "X": 7}, 'Invalid json input: object ""->"TEventCallbackURL" has no '),
    ],
)
def test_a_bad_callback_is_refused_in_mailjet_s_words(api: Api, body: object, message: str) -> None:
    answer = api.post(CALLBACKS, body)
    assert answer.status_code == 400
    assert answer.json()["ErrorMessage"].startswith(message)


def test_each_key_has_its_own(api: Api, new_api: NewApi) -> None:
    (number,) = register(api, URL, "open")
    stranger = new_api(api.url)
    stranger.session.auth = ("other", "pair")
    assert stranger.get(CALLBACKS).json()["Data"] == []
    assert stranger.get(f"{CALLBACKS}/{number}").status_code == 404
    assert len(register(stranger, URL)) == len(KINDS)


def test_a_reset_forgets_them(api: Api, sandbox: SandboxControl) -> None:
    register(api, URL)
    sandbox.reset()
    assert api.get(CALLBACKS).json()["Data"] == []
