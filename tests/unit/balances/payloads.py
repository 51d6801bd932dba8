"""What CGRateS posts, built after its own structs: Account, Balance, ActionTrigger, CGREvent, AccountSummary.

Go writes every field, null for what is nil, and its zero time as the year 1.
"""

from typing import Any

ZERO_TIME = "0001-01-01T00:00:00Z"
SERVICE = "6f1c2d3e-9a41-4d0c-8b55-0e7a3f1f2c11"


def balance(own_id: str, value: float, **fields: Any) -> dict[str, Any]:
    return {
        "Uuid": f"uuid-of-{own_id}",
        "ID": own_id,
        "Value": value,
        "ExpirationDate": ZERO_TIME,
        "Weight": 10,
        "DestinationIDs": {},
        "RatingSubject": "",
        "Categories": {},
        "SharedGroups": {},
        "Timings": None,
        "TimingIDs": {},
        "Disabled": False,
        "Factors": None,
        "Blocker": False,
        **fields,
    }


def trigger(threshold: float, kind: str | None, own_id: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "ID": "LOW_BALANCE",
        "UniqueID": "a1",
        "ThresholdType": "*min_balance",
        "ThresholdValue": threshold,
        "Recurrent": False,
        "MinSleep": 0,
        "ExpirationDate": ZERO_TIME,
        "ActivationDate": ZERO_TIME,
        "Balance": {"Uuid": None, "ID": own_id, "Type": kind, "Value": None, "ExpirationDate": None, "Disabled": None},
        "Weight": 10,
        "ActionsID": "WARN_HTTP",
        "MinQueuedItems": 0,
        "Executed": True,
        "LastExecutionTime": "2026-05-31T12:00:00.123456789Z",
        **fields,
    }


def account(balances: dict[str, list[dict[str, Any]] | None] | None, **fields: Any) -> dict[str, Any]:
    """Of version 0.10 and later, as an action `*http_post` posts it."""
    return {
        "ID": f"cgrates.org:{SERVICE}",
        "BalanceMap": balances,
        "UnitCounters": {"*monetary": [{"CounterType": "*balance", "Counters": []}]},
        "ActionTriggers": None,
        "AllowNegative": False,
        "Disabled": False,
        "UpdateTime": "2026-05-31T14:00:00.123456789+02:00",
        **fields,
    }


def old_account(balances: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Of version 0.9."""
    return {
        "Id": f"*out:cgrates.org:{SERVICE}",
        "BalanceMap": balances,
        "UnitCounters": None,
        "ActionTriggers": None,
        "AllowNegative": False,
        "Disabled": False,
    }


def account_update(summaries: list[dict[str, Any]] | None, **fields: Any) -> dict[str, Any]:
    """The event of an account's update, as ThresholdS hands it to an action where the account is not at hand."""
    return {
        "Tenant": "cgrates.org",
        "ID": "0a1b2c3d",
        "Time": "2026-05-31T12:00:00.5Z",
        "Event": {
            "Tenant": "cgrates.org",
            "AccountID": SERVICE,
            "AllowNegative": False,
            "Disabled": False,
            "BalanceSummaries": summaries,
        },
        "APIOpts": {"*eventType": "AccountUpdate"},
        **fields,
    }


def exported(posted: dict[str, Any]) -> dict[str, Any]:
    """An account as an action `*export` lets an exporter `*http_json_map` post it."""
    return {"Account": posted, "EventType": "AccountUpdate", "EventSource": "AccountS"}


def summary(own_id: str, kind: str, value: float, **fields: Any) -> dict[str, Any]:
    return {
        "UUID": f"uuid-of-{own_id}",
        "ID": own_id,
        "Type": kind,
        "Initial": 0,
        "Value": value,
        "Disabled": False,
        **fields,
    }
