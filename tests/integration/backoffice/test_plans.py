"""Thresholds of plans and services: typed as people write them, tried on last week, noted in the audit log."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.backoffice.balances.wording import step_text, typed_steps
from omnicrm.balances import previewing
from omnicrm.balances.models import Plan, ServiceAlerts
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.balances.previewing import preview_plan
from omnicrm.balances.thresholds import checked_steps
from omnicrm.customers.models import Service
from tests.integration.backoffice.conftest import SignIn
from tests.integration.balances.conftest import NOW, accept, event, new_service, service

__all__ = ["service"]

LIST = reverse("admin:balances_plan_changelist")
ADD = reverse("admin:balances_plan_add")
LOG = reverse("admin:audit_entry_changelist")
DAY = 86_400


@pytest.fixture
def plan(db: None) -> Plan:
    return create_plan(name="Prepaid 20", steps={"data": ["20%", "500 MB"]}, now=NOW)


def page(plan: Plan, name: str = "change") -> str:
    return reverse(f"admin:balances_plan_{name}", args=[plan.pk])


def words(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def thresholds_of(of: Service) -> str:
    return reverse("admin:balances_service_thresholds", args=[of.pk])


def test_a_plan_is_added_as_people_write_thresholds(admin: Client) -> None:
    typed = {"name": "Prepaid", "steps_any": "50 %, 20%", "steps_data": "500 MB; 1.5 GB", "never_steps_sms": "on"}
    assert "The plan “Prepaid” is there." in words(admin.post(ADD, typed, follow=True))
    steps = {"*": ["50%", "20%"], "data": ["1500000000", "500000000"], "sms": []}
    assert Plan.objects.get().steps == steps
    listed = admin.get(LIST).content.decode()
    assert "Data: 1.5 GB; 500 MB" in listed
    assert "SMS: never low" in listed


def test_what_the_form_shows_it_takes_again_in_both_languages(sign_in: SignIn) -> None:
    steps = {"*": ["50%", "2.5%"], "data": ["1500000000", "1234567"], "voice": ["3600", "600", "90"]}
    steps |= {"monetary": ["2.5"], "sms": [], "other": ["3"]}
    plan = create_plan(name="Prepaid", steps=checked_steps({"monetary": ["2.50"]}), now=NOW)
    for language in ("en", "fr"):
        Plan.objects.update(steps=steps)
        browser = sign_in(language=language)
        form = browser.get(page(plan)).context["form"]
        given = {name: form[name].value() for name in form.fields if form[name].value()}
        browser.post(page(plan), given)
        assert Plan.objects.get().steps == steps


@pytest.mark.parametrize(
    ("language", "key", "text"),
    [("en", "1500000000", "1.5 GB"), ("fr", "1500000000", "1,5 Go"), ("fr", "12", "12 o"), ("en", "2.5%", "2.5%")],
)
def test_a_threshold_is_written_in_the_readers_language(language: str, key: str, text: str) -> None:
    with translation.override(language):
        assert step_text("data", key) == text
        assert checked_steps({"data": typed_steps(text)}) == {"data": [key]}


def test_thousands_with_a_comma_could_be_meant_either_way(admin: Client) -> None:
    wrong = admin.post(ADD, {"name": "Prepaid", "steps_data": "1,000 MB"}).context["form"].errors
    assert wrong == {
        "steps_data": ["Write thousands without a comma, as in 1000, and decimals with a point, as in 1.5."]
    }
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Prepaid 20"}, "name"),
        ({"steps_data": "500 bananas"}, "steps_data"),
        ({"steps_any": "500 MB"}, "steps_any"),
        ({"steps_sms": "120%"}, "steps_sms"),
        ({"steps_sms": "10", "never_steps_sms": "on"}, "steps_sms"),
        ({"steps_voice": "; ".join(f"{number}" for number in range(1, 12))}, "steps_voice"),
    ],
    ids=["no name", "taken", "unit", "amount for all", "above 100", "both", "too many"],
)
def test_wrong_thresholds_are_refused_where_they_stand(
    admin: Client, plan: Plan, typed: dict[str, str], field: str
) -> None:
    form = admin.post(ADD, {"name": "New", **typed}).context["form"]
    assert list(form.errors) == [field]
    assert Plan.objects.count() == 1


def test_a_change_is_noted_with_before_and_after(admin: Client, plan: Plan) -> None:
    typed = {"name": "Prepaid 25", "steps_data": "30%", "never_steps_sms": "on"}
    assert "Saved." in words(admin.post(page(plan), typed, follow=True))
    entry = Entry.objects.get(action=Action.PLAN_CHANGED)
    assert entry.actor_name == "admin-en@yourcompany.com" or "Admin" in entry.actor_name
    assert (entry.target_kind, entry.target_id, entry.target_name) == ("plan", plan.pk, "Prepaid 25")
    assert entry.detail == {
        "name": {"from": "Prepaid 20", "to": "Prepaid 25"},
        "data": {"from": "20%, 500 MB", "to": "30%"},
        "sms": {"from": None, "to": ""},
    }
    log = admin.get(LOG).content.decode()
    assert "thresholds of data: 20%, 500 MB → 30%" in log
    assert "thresholds of SMS: not set → never low" in log
    assert page(plan) in log


def test_saving_what_is_there_already_notes_nothing(admin: Client, plan: Plan) -> None:
    admin.post(page(plan), {"name": "Prepaid 20", "steps_data": "20%; 500 MB"})
    assert not Entry.objects.filter(action=Action.PLAN_CHANGED).exists()


def test_a_preview_counts_customers_and_saves_nothing(admin: Client, plan: Plan, service: Service) -> None:
    other = new_service("Durand")
    for each in (service, other):
        set_service_alerts(service_id=each.pk, plan_id=plan.pk, steps={}, now=NOW)
    accept(event(service, 100, at=-4 * DAY), event(service, 40, at=-2 * DAY), event(other, 90, at=-DAY))
    typed = {"name": "Prepaid 20", "steps_sms": "50%", "preview": "yes"}
    shown = admin.post(page(plan), typed)
    assert shown.context["preview"].typed == "1 customer, 1 alert"
    assert shown.context["preview"].saved == "0 customers, 0 alerts"
    assert shown.context["preview"].note == "2 services looked at."
    assert Plan.objects.get().steps == plan.steps
    assert 'value="50%"' in shown.content.decode()


def test_a_preview_of_wrong_thresholds_says_what_is_wrong(admin: Client, plan: Plan) -> None:
    shown = admin.post(page(plan), {"name": "Prepaid 20", "steps_sms": "abc", "preview": "yes"})
    assert list(shown.context["form"].errors) == ["steps_sms"]
    assert shown.context["preview"] is None


def test_a_preview_of_a_large_plan_looks_at_a_part_and_says_so(
    admin: Client, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "MOST_SERVICES", 2)
    for number in range(3):
        of = new_service(f"Client{number}")
        set_service_alerts(service_id=of.pk, plan_id=plan.pk, steps={}, now=NOW)
        accept(event(of, 10, at=-1))
    assert preview_plan(plan_id=plan.pk, steps={}, now=NOW).left_out == 1
    shown = admin.post(page(plan), {"name": "Prepaid 20", "preview": "yes"})
    assert "1 more were left out" in shown.context["preview"].note


def test_a_preview_stops_after_enough_events(plan: Plan, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previewing, "MOST_EVENTS", 1)
    monkeypatch.setattr(previewing, "_AT_ONCE", 1)
    for each in (service, new_service("Durand")):
        set_service_alerts(service_id=each.pk, plan_id=plan.pk, steps={}, now=NOW)
        accept(event(each, 10, at=-1))
    assert preview_plan(plan_id=plan.pk, steps={}, now=NOW).left_out == 1


def test_a_service_gets_a_plan_and_thresholds_of_its_own(admin: Client, plan: Plan, service: Service) -> None:
    accept(event(service, 40, at=-60, balance_id="main"))
    tried = admin.post(thresholds_of(service), {"plan": plan.pk, "steps_sms": "50%", "preview": "yes"})
    assert tried.context["preview"].typed == "1 customer, 1 alert"
    assert not ServiceAlerts.objects.exists()
    admin.post(thresholds_of(service), {"plan": plan.pk, "steps_sms": "50%"})
    own = ServiceAlerts.objects.get()
    assert (own.plan, own.steps) == (plan, {"sms": ["50%"]})
    entry = Entry.objects.get(action=Action.THRESHOLDS_CHANGED)
    assert (entry.target_kind, entry.target_id) == ("customer", service.customer_id)
    assert entry.detail["plan"] == {"from": None, "to": "Prepaid 20"}
    assert entry.detail["sms"] == {"from": None, "to": "50%"}
    assert admin.get(thresholds_of(service)).context["form"]["steps_sms"].value() == "50%"


def test_a_plan_that_is_gone_is_refused(admin: Client, service: Service) -> None:
    form = admin.post(thresholds_of(service), {"plan": "77"}).context["form"]
    assert list(form.errors) == ["plan"]
    assert not ServiceAlerts.objects.exists()


def test_a_plan_that_services_have_is_not_removed(admin: Client, plan: Plan, service: Service) -> None:
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={}, now=NOW)
    assert "1 services have this plan" in words(admin.post(page(plan, "remove_page"), follow=True))
    set_service_alerts(service_id=service.pk, plan_id=None, steps={}, now=NOW)
    assert "is removed" in words(admin.post(page(plan, "remove_page"), follow=True))
    assert Entry.objects.get(action=Action.PLAN_REMOVED).target_name == "Prepaid 20"
    assert admin.get(page(plan), follow=True).status_code == 200


def test_read_only_sees_thresholds_but_changes_none(sign_in: SignIn, plan: Plan, service: Service) -> None:
    browser = sign_in(Role.READ_ONLY)
    shown = browser.get(page(plan)).content.decode()
    assert "20%; 500 MB" in shown
    assert 'name="preview"' not in shown
    assert shown.count("disabled") >= 7
    assert browser.post(page(plan), {"name": "X"}).status_code == 403
    assert browser.get(thresholds_of(service)).status_code == 403
    assert browser.post(page(plan, "remove_page")).status_code == 403
    assert Plan.objects.get().name == "Prepaid 20"


def test_a_balance_that_was_low_before_the_week_is_not_previewed(plan: Plan, service: Service) -> None:
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={}, now=NOW)
    accept(event(service, 10, at=-20 * DAY), event(service, 9, at=-DAY), now=NOW)
    assert preview_plan(plan_id=plan.pk, steps={"sms": ["50%"]}, now=NOW + timedelta(0)).alerts == 0
