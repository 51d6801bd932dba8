"""Events in quarantine on screen: looked at, replayed one by one or all together, discarded."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.backoffice.balances import quarantine_replay
from omnicrm.balances import replaying
from omnicrm.balances.models import Quarantined
from omnicrm.balances.quarantine import release
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_service
from tests.integration.backoffice.conftest import SignIn
from tests.integration.balances.conftest import NOW, accept, balance_of, event, service

__all__ = ["service"]

UNKNOWN = UUID("6f1c2d3e-9a41-4d0c-8b55-0e7a3f1f2c11")
LIST = reverse("admin:balances_quarantined_changelist")
REPLAY = reverse("admin:balances_quarantined_replay")


def page(held: Quarantined, name: str = "change") -> str:
    return reverse(f"admin:balances_quarantined_{name}", args=[held.pk])


def words(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def known_now(of: Service) -> Service:
    return add_service(customer_id=of.customer_id, service_name="Late", service_uuid=UNKNOWN, now=NOW)


def nameless(account: str = "cgrates.org:1001") -> None:
    accept(event(UNKNOWN, 40, service_uuid=None, account=account))


def test_an_event_is_shown_with_its_reason_and_what_it_says(admin: Client, service: Service) -> None:
    accept(event(UNKNOWN, 40))
    held = Quarantined.objects.get()
    assert "There is no service with this UUID." in admin.get(LIST).content.decode()
    shown = admin.get(page(held)).content.decode()
    assert "&quot;value&quot;: &quot;40&quot;" in shown
    assert "The obstacle is gone" not in shown
    known_now(service)
    assert "The obstacle is gone" in admin.get(page(held)).content.decode()


def test_an_empty_quarantine_says_so(admin: Client) -> None:
    assert "every event that came in was applied" in admin.get(LIST).content.decode()


def test_events_are_found_by_reason_source_and_whether_they_can_be_applied(admin: Client, service: Service) -> None:
    accept(event(UNKNOWN, 40))
    nameless()
    known_now(service)

    def found(**query: str) -> list[str]:
        return [held.account for held in admin.get(LIST, query).context["cl"].result_list]

    assert found(reason__exact="no_service") == found(ready="no") == ["cgrates.org:1001"]
    assert found(ready="yes") == found(q="6f1c") == [str(UNKNOWN)]
    assert found(source__exact="cgrates") == found(created_from="2999-01-01") == []


def test_one_event_is_replayed_and_noted(admin: Client, service: Service) -> None:
    accept(event(UNKNOWN, 40))
    held = Quarantined.objects.get()
    refused = words(admin.post(page(held, "replay_page"), follow=True))
    assert "1 event cannot be applied yet. There is no service with this UUID." in refused
    late = known_now(service)
    assert "It can be applied now." in admin.get(page(held, "replay_page")).content.decode()
    told = words(admin.post(page(held, "replay_page"), follow=True))
    assert told == "1 event was replayed. 1: The balance is now as the event says."
    assert balance_of(late).value == 40
    entry = Entry.objects.get(action=Action.QUARANTINE_REPLAYED)
    assert (entry.target_id, entry.target_name, entry.detail) == (held.pk, str(UNKNOWN), {"count": 1, "applied": 1})
    assert "applied: 1" in admin.get(reverse("admin:audit_entry_changelist")).content.decode()
    assert "This is no longer there." in words(admin.post(page(held, "replay_page"), follow=True))


def test_all_are_replayed_in_parts_with_progress(
    admin: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_replay, "CHUNKS_AT_ONCE", 1)
    monkeypatch.setattr(replaying.quarantine, "release", lambda **given: release(**{**given, "limit": 2}))
    accept(*(event(UNKNOWN, 40 - at, at=at) for at in range(5)))
    nameless()
    late = known_now(service)
    assert "5 events can be applied now." in admin.get(REPLAY).content.decode()
    first = admin.post(REPLAY)
    assert "2 of 5 events are replayed." in first.content.decode()
    second = admin.post(REPLAY, {"after": first.context["after"], "applied": 2})
    assert "4 of 5 events are replayed." in second.content.decode()
    last = admin.post(REPLAY, {"after": second.context["after"], "applied": 4}, follow=True)
    assert words(last) == "5 events were replayed. 5: The balance is now as the event says."
    assert balance_of(late).value == 36
    assert [entry.detail["count"] for entry in Entry.objects.filter(action=Action.QUARANTINE_REPLAYED)] == [1, 2, 2]
    assert Quarantined.objects.get().account == "cgrates.org:1001"


def test_only_what_the_filters_show_is_replayed(admin: Client, service: Service) -> None:
    accept(event(UNKNOWN, 40), event(service, 40, at=2 * 86_400))
    known_now(service)
    assert REPLAY + "?reason__exact=future" in admin.get(LIST, {"reason__exact": "future"}).content.decode()
    asked = admin.get(REPLAY, {"reason__exact": "future"}).content.decode()
    assert "None of these events can be applied at present" in asked
    assert words(admin.post(f"{REPLAY}?reason__exact=future", follow=True)).startswith("Nothing was replayed")
    assert Quarantined.objects.count() == 2
    admin.post(f"{REPLAY}?reason__exact=unknown_service")
    assert Quarantined.objects.get().reason == "future"


@pytest.mark.parametrize("typed", ["x", "-1", "9" * 30])
def test_a_replay_with_a_broken_place_begins_at_the_beginning(admin: Client, service: Service, typed: str) -> None:
    accept(event(UNKNOWN, 40))
    known_now(service)
    admin.post(REPLAY, {"after": typed, "applied": typed})
    assert not Quarantined.objects.exists()


def test_chosen_events_are_replayed(admin: Client, service: Service) -> None:
    accept(event(UNKNOWN, 40), event(UNKNOWN, 30, at=1))
    known_now(service)
    chosen = Quarantined.objects.earliest("pk")
    told = words(admin.post(LIST, {"action": "replay_selected", "_selected_action": [chosen.pk]}, follow=True))
    assert told.startswith("1 event was replayed.")
    assert Quarantined.objects.count() == 1


def test_an_event_is_discarded_after_a_question_and_noted(admin: Client) -> None:
    accept(event(UNKNOWN, 40))
    held = Quarantined.objects.get()
    assert "This cannot be undone." in admin.get(page(held, "discard_page")).content.decode()
    assert words(admin.post(page(held, "discard_page"), follow=True)) == "1 event is discarded."
    entry = Entry.objects.get(action=Action.QUARANTINE_DISCARDED)
    assert (entry.target_kind, entry.target_name) == ("balance_event", str(UNKNOWN))
    assert entry.detail == {"obstacle": "unknown_service", "source": "own", "balance": "main"}
    log = admin.get(reverse("admin:audit_entry_changelist")).content.decode()
    assert "in quarantine because: There is no service with this UUID." in log


def test_chosen_events_are_discarded_after_a_question(admin: Client) -> None:
    nameless("a")
    nameless("b")
    choice = {"action": "discard_selected", "_selected_action": [held.pk for held in Quarantined.objects.all()]}
    assert "Discard 2 events?" in admin.post(LIST, choice).content.decode()
    assert Quarantined.objects.count() == 2
    assert words(admin.post(LIST, {**choice, "confirmed": "yes"}, follow=True)) == "2 events are discarded."
    assert not Quarantined.objects.exists()


def test_read_only_looks_but_does_nothing(sign_in: SignIn, service: Service) -> None:
    accept(event(UNKNOWN, 40))
    known_now(service)
    held, browser = Quarantined.objects.get(), sign_in(Role.READ_ONLY)
    assert REPLAY not in browser.get(LIST).content.decode()
    assert browser.get(page(held)).status_code == 200
    for address in (REPLAY, page(held, "replay_page"), page(held, "discard_page")):
        assert browser.post(address).status_code == 403
    assert Quarantined.objects.count() == 1
