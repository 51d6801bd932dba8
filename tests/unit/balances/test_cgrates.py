"""What CGRateS posts is understood in all its forms and main versions."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from omnicrm.balances.cgrates import read_post
from omnicrm.balances.events import IncomingEvent
from omnicrm.customers.errors import InvalidInput
from omnicrm.emails.balances import BalanceType
from tests.unit.balances.payloads import (
    SERVICE,
    ZERO_TIME,
    account,
    account_update,
    balance,
    exported,
    old_account,
    summary,
    trigger,
)


def read(payload: Any) -> list[IncomingEvent]:
    return read_post(orjson.loads(orjson.dumps(payload)))


def test_an_account_gives_an_event_for_each_balance() -> None:
    events = read(
        account(
            {
                "*monetary": [balance("*default", 4.2)],
                "*voice": [balance("minutes", 7.2e11)],
                "*data": [balance("bundle", 1_500_000_000)],
                "*sms": [balance("sms", 25)],
                "*mms": [balance("mms", 3)],
            }
        )
    )
    assert [(each.balance_id, each.balance_type, each.unit, each.value) for each in events] == [
        ("monetary:*default", BalanceType.MONETARY, "EUR", Decimal("4.2")),
        ("voice:minutes", BalanceType.VOICE, "s", Decimal(720)),
        ("data:bundle", BalanceType.DATA, "B", Decimal(1_500_000_000)),
        ("sms:sms", BalanceType.SMS, "SMS", Decimal(25)),
        ("mms:mms", BalanceType.OTHER, "MMS", Decimal(3)),
    ]
    assert {each.service_uuid for each in events} == {UUID(SERVICE)}
    assert {each.event_time for each in events} == {datetime(2026, 5, 31, 12, 0, 0, 123456, tzinfo=UTC)}


def test_the_same_account_posted_again_is_known_by_what_it_says() -> None:
    (once,), (again,) = (read(account({"*sms": [balance("sms", 25)]})) for _ in range(2))
    assert once == again
    assert once.event_id == ""


def test_an_expiry_is_taken_over_and_the_zero_time_means_none() -> None:
    limited, unlimited = read(
        account({"*sms": [balance("a", 1, ExpirationDate="2026-06-30T22:00:00Z"), balance("b", 1)]})
    )
    assert limited.expiry == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert (unlimited.expiry, unlimited.tells_expiry) == (None, True)


def test_a_balance_without_an_id_goes_by_its_uuid() -> None:
    (event,) = read(account({"*sms": [balance("", 1, Uuid="0815")]}))
    assert event.balance_id == "sms:0815"


def test_what_is_disabled_says_nothing() -> None:
    assert read(account({"*sms": [balance("a", 1, Disabled=True)]})) == []
    assert read(account({"*sms": [balance("a", 1)]}, Disabled=True)) == []
    assert read(account(None)) == []
    assert read(account({"*sms": None})) == []


def test_a_trigger_for_a_lowest_balance_is_the_charging_systems_threshold() -> None:
    triggers = [
        trigger(2, "*monetary"),
        trigger(5, "*monetary", "main"),
        trigger(9, "*monetary", "other"),
        trigger(90, "*monetary", ThresholdType="*max_balance"),
        trigger(6e10, "*voice"),
    ]
    balances = {"*monetary": [balance("main", 4)], "*voice": [balance("m", 1)], "*sms": [balance("s", 1)]}
    assert [each.threshold for each in read(account(balances, ActionTriggers=triggers))] == [5, 60, None]


def test_an_account_without_a_time_of_its_own_happened_as_it_came() -> None:
    (event,) = read(account({"*sms": [balance("a", 1)]}, UpdateTime=ZERO_TIME))
    assert event.event_time is None


def test_before_version_0_10_voice_is_counted_in_seconds() -> None:
    (event,) = read(old_account({"*voice*out": [{"Uuid": "u", "Id": "minutes", "Value": 720, "Disabled": False}]}))
    assert (event.balance_id, event.value, event.service_uuid) == ("voice:minutes", 720, UUID(SERVICE))


def test_an_accounts_update_gives_an_event_for_each_summary_and_leaves_expiries_alone() -> None:
    (event,) = read(
        account_update([summary("bundle", "*data", 5e8, Initial=9e8), summary("x", "*sms", 1, Disabled=True)])
    )
    assert (event.value, event.initial_value, event.tells_expiry) == (Decimal(500_000_000), None, False)
    assert (event.event_id, event.event_time) == ("0a1b2c3d", datetime(2026, 5, 31, 12, 0, 0, 500_000, tzinfo=UTC))


def test_the_account_may_stand_among_the_options() -> None:
    update = account_update([summary("bundle", "*data", 5e8)], APIOpts={"*accountID": SERVICE})
    update["Event"]["AccountID"] = ""
    assert read(update)[0].service_uuid == UUID(SERVICE)


def test_an_event_about_something_else_says_nothing() -> None:
    assert read({"Tenant": "cgrates.org", "ID": "x", "Time": None, "Event": {"Account": "1001", "Cost": 1.2}}) == []
    assert read(account_update(None)) == []


def test_an_exported_account_means_the_same_as_a_posted_one() -> None:
    posted = account({"*data": [balance("bundle", 5e8, ExpirationDate="2026-06-30T22:00:00Z")]})
    assert read(exported(posted)) == read(posted) != []
    assert read(exported(account(None))) == []


def test_an_exported_update_happened_as_it_came() -> None:
    posted = account_update([summary("bundle", "*data", 5e8)])
    (event,) = read(posted["Event"])
    (named,) = read(posted)
    assert event == replace(named, event_id="", event_time=None)


def test_an_account_of_another_name_belongs_to_no_service() -> None:
    (event,) = read(account({"*sms": [balance("a", 1)]}, ID="cgrates.org:1001"))
    assert (event.service_uuid, event.account) == (None, "cgrates.org:1001")


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ([], "body: This is no account or event of CGRateS: it is no object."),
        ({"hello": 1}, "body: This is no account or event of CGRateS: it has neither BalanceMap nor Event."),
        (
            account({"*petrol": [balance("a", 1)]}),
            "BalanceMap.*petrol: This is no account or event of CGRateS: there is no such type of balance.",
        ),
        (
            account({"*sms": [balance("a", 1, Value="many")]}),
            "*sms.a.Value: This is no account or event of CGRateS: Give a number.",
        ),
        (
            account({"*sms": [balance("a", 1, ExpirationDate="soon")]}),
            "*sms.a.ExpirationDate: This is no account or event of CGRateS: it is no time.",
        ),
        (
            account({"*sms": [balance(str(number), 1) for number in range(1_001)]}),
            "BalanceMap: This is no account or event of CGRateS: it has more than 1000 balances.",
        ),
    ],
    ids=["list", "other", "type", "value", "time", "many"],
)
def test_what_is_no_post_of_cgrates_is_refused_in_one_line(payload: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(payload)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "payload",
    [
        account({"*sms": ["a"]}),
        account({"*sms": {"a": 1}}),
        account({"*sms": [balance("a", 1, ExpirationDate=[1])]}),
        account({"*sms": [balance("a", 1)]}, ActionTriggers={"a": 1}),
        account({"*sms": [balance("a", 1)]}, ActionTriggers=[trigger(1, "*sms", Balance="x")]),
        account({"*sms": [balance("a", 1)]}, UpdateTime={"a": 1}),
        account_update([1]),
        account_update({"a": 1}),  # type: ignore[arg-type]  # hostile
        {"Event": {"BalanceSummaries": 7}},
        {"Event": {}, "APIOpts": [1]},
        {"Account": {"Account": account({"*sms": [balance("a", 1)]})}},
        {"AccountID": [1], "BalanceSummaries": 7},
    ],
    ids=range(12),
)
def test_a_hostile_post_is_refused_or_says_nothing(payload: Any) -> None:
    with suppress(InvalidInput):  # any other exception would be an answer 500
        read(payload)
