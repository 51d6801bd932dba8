"""Invoice runs and recurring charges as integrators and administrators meet them."""

from datetime import date, timedelta
from io import StringIO

import orjson
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.timezone import now
from procrastinate.contrib.django.models import ProcrastinateJob

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import update_customer
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.run_tasks import CHAINS, WORK
from omnicrm.invoices.tasks import work_on_run
from tests.integration.api.conftest import Integrator, wrong_fields
from tests.integration.invoices.conftest import TODAY, a_customer
from tests.integration.invoices.test_api import an_integrator
from tests.integration.invoices.test_runs import a_service, charged

PERIOD = {"start_date": "2026-11-01", "end_date": "2026-11-30"}
WORDS = ("invoices", "run", "--start", "2026-11-01", "--end", "2026-11-30")


@pytest.fixture
def api(db: None) -> Integrator:
    return an_integrator(Role.BILLING)


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_charge_is_added_to_a_service_shown_changed_and_removed(api: Integrator, martin: Customer) -> None:
    service = a_service(martin)
    charge = api.post(f"/service/{service.pk}/charge", {"amount": "39.99", "start_date": "2026-11-01"})
    assert charge.status_code == 201, charge.content
    shown = charge.json()
    assert (shown["title"], shown["amount"], shown["tax_rate"], shown["end_date"]) == ("Fibre", "39.99", "20", None)
    assert api.get(f"/service/{service.pk}/charge").json()["items"] == [shown]
    path = f"/charge/{shown['charge_id']}"
    assert api.patch(path, {"amount": 45, "end_date": "2026-12-31"}).json()["amount"] == "45"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": "1", "start_date": "2026-11-01", "end_date": "2026-10-01"}, {"end_date"}),
        ({"amount": "NaN", "start_date": "2026-11-01"}, {"amount"}),
        ({"amount": "1", "start_date": "1900-11-01", "tax_rate": 120}, {"start_date", "tax_rate"}),
    ],
    ids=["backwards", "no number", "too early and too much"],
)
def test_a_charge_that_makes_no_sense_is_refused(
    api: Integrator, martin: Customer, fields: dict[str, object], wrong: set[str]
) -> None:
    answer = api.post(f"/service/{a_service(martin).pk}/charge", fields)
    assert answer.status_code == 422
    assert set(wrong_fields(answer)) == wrong


def test_a_run_is_started_worked_on_by_jobs_and_shown(api: Integrator, martin: Customer) -> None:
    charged(martin)
    charged(a_customer(), "-1")
    due = (TODAY + timedelta(days=30)).isoformat()
    answer = api.post("/invoice_run", {**PERIOD, "due_date": due})
    assert answer.status_code == 201, answer.content
    started = answer.json()
    assert (started["state"], started["customers"], started["waiting"]) == ("running", 2, 2)
    assert ProcrastinateJob.objects.filter(task_name=WORK).count() == CHAINS

    path = f"/invoice_run/{started['invoice_run_id']}"
    work_on_run(run_id=started["invoice_run_id"], chain=0)
    work_on_run(run_id=started["invoice_run_id"], chain=0)
    done = api.get(path).json()
    assert (done["state"], done["invoiced"], done["failed"], done["total_amount"]) == ("done", 1, 1, "36.00")
    assert api.get("/invoice_run").json()["items"] == [done]
    (failed,) = api.get(f"{path}/customer?state=failed").json()["items"]
    assert "cannot be negative" in failed["reason"]
    in_french = api.send("GET", f"{path}/customer?state=failed", b"", Accept_Language="fr").json()
    assert "ne peut pas être négative" in in_french["items"][0]["reason"]
    assert Invoice.objects.get(customer=martin).due_date == date.fromisoformat(due)
    assert api.post(f"{path}/cancel").status_code == 409


def test_a_run_may_be_for_those_who_have_a_tag(api: Integrator, martin: Customer) -> None:
    charged(martin)
    charged(a_customer())
    update_customer(customer_id=martin.pk, tags=["fibre"], now=now())
    started = api.post("/invoice_run", {**PERIOD, "tag": "fibre"}).json()
    assert (started["tag"], started["customers"]) == ("fibre", 1)
    assert wrong_fields(api.post("/invoice_run", {**PERIOD, "tag": "copper"})) == {"tag": "No customer has this tag."}


def test_who_started_a_run_and_who_stopped_it_is_noted(api: Integrator, martin: Customer) -> None:
    charged(martin)
    started = api.post("/invoice_run", PERIOD).json()
    stopped = api.post(f"/invoice_run/{started['invoice_run_id']}/cancel").json()
    assert (stopped["state"], stopped["cancelled"]) == ("cancelled", 1)
    noted = Entry.objects.filter(target_id=started["invoice_run_id"], target_kind="invoice_run").order_by("id")
    assert [entry.action for entry in noted] == [Action.RUN_STARTED, Action.RUN_CANCELLED]


def test_a_chain_of_jobs_waits_in_the_queue_but_once(api: Integrator, martin: Customer) -> None:
    charged(martin)
    started = api.post("/invoice_run", PERIOD).json()
    work_on_run(run_id=started["invoice_run_id"], chain=0)
    assert ProcrastinateJob.objects.filter(task_name=WORK).count() == CHAINS


def test_only_who_may_write_invoices_may_run_them(db: None) -> None:
    assert an_integrator(Role.SUPPORT).post("/invoice_run", PERIOD).status_code == 403


def test_the_command_bills_without_a_worker_and_tells_what_it_came_to(martin: Customer) -> None:
    charged(martin)
    dry = orjson.loads(told(*WORDS, "--dry-run", "--json"))
    assert (dry["state"], dry["invoiced"], Invoice.objects.count()) == ("done", 1, 0)
    real = orjson.loads(told(*WORDS, "--json"))
    assert real["total_amount"] == dry["total_amount"] == "36.000"
    assert "nothing to invoice for 1" in told(*WORDS)


def test_the_command_fails_where_a_customer_could_not_be_invoiced(martin: Customer) -> None:
    charged(martin, "-1")
    with pytest.raises(CommandError, match="1 of 1 customers could not be invoiced"):
        told(*WORDS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("invoices", "run"), "name the period"),
        (("invoices", "run", "--resume", "1"), "there is no run 1"),
        (("invoices", "run", "--start", "2026-11-30", "--end", "2026-11-01"), "The period ends before it starts"),
    ],
    ids=["no period", "no run", "backwards"],
)
@pytest.mark.django_db
def test_a_mistake_at_the_command_line_is_one_line(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        told(*words)
