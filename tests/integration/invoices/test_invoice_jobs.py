"""The jobs of runs and reminders take up what was left, and begin nothing before its time."""

from collections.abc import Callable

from procrastinate.contrib.django.models import ProcrastinateJob

from omnicrm.customers.models import Customer
from omnicrm.invoices.run_models import RowState, RunState
from omnicrm.invoices.run_queries import progress_of
from omnicrm.invoices.run_tasks import CHAINS, WORK
from omnicrm.invoices.runs import resume_runs
from omnicrm.invoices.tasks import remind, work_on_run
from tests.integration.invoices.conftest import NOW, TODAY, TOMORROW
from tests.integration.invoices.test_reminders import overdue_by, reminders
from tests.integration.invoices.test_runs import charged, start


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=WORK).count()


def test_broken_chains_are_begun_again(martin: Customer) -> None:
    charged(martin)
    run = start()
    ProcrastinateJob.objects.filter(task_name=WORK).update(status="failed")
    resume_runs(now=NOW)
    resume_runs(now=NOW)
    assert ProcrastinateJob.objects.filter(task_name=WORK, status="todo").count() == CHAINS
    work_on_run(run_id=run.pk, chain=0)
    assert progress_of(run.pk).invoiced == 1


def test_a_run_whose_last_worker_died_before_ending_it_is_ended(martin: Customer) -> None:
    charged(martin)
    run = start()
    run.rows.update(state=RowState.INVOICED)
    resume_runs(now=NOW)
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_a_chain_of_a_run_that_is_done_ends(martin: Customer) -> None:
    charged(martin)
    run = start()
    before = jobs()
    for _ in range(2):
        work_on_run(run_id=run.pk, chain=0)
    ProcrastinateJob.objects.filter(task_name=WORK).delete()
    work_on_run(run_id=run.pk, chain=0)
    assert (before, jobs()) == (CHAINS, 0)


def test_reminders_leave_by_themselves_on_days_they_may(martin: Customer, reminding: Callable[..., None]) -> None:
    overdue_by(4, martin)
    reminding(hour=0, working_days_only=True, closed_days=[TODAY, TOMORROW])
    remind(timestamp=0)
    assert not reminders()
    reminding(hour=0)
    remind(timestamp=0)
    assert len(reminders()) == 1
