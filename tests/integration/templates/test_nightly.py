"""Each night every template is compared, and whoever looks at the dashboard or the log hears of a drift."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from structlog.testing import capture_logs

from mailjet_sandbox.control import SandboxControl
from omnicrm.config import current_config
from omnicrm.emails.models import Drift, KnownTemplate
from omnicrm.emails.tasks import watch_templates
from omnicrm.outbox.runtime import running_outbox
from omnicrm.outbox.tasks import RUNTIME
from tests.integration.templates.conftest import RESET, Mailjet, Operator, number_of

NIGHT = datetime(2026, 11, 25, 2, 41, tzinfo=UTC)


@pytest.fixture
def nightfall() -> Callable[[], list[dict[str, object]]]:
    """Runs the job as a worker does; returns what it logs."""

    async def act() -> None:
        async with running_outbox(current_config(), clock=lambda: NIGHT) as outbox:
            context = SimpleNamespace(additional_context={RUNTIME: outbox})
            await watch_templates.func(context, int(NIGHT.timestamp()))

    def run() -> list[dict[str, object]]:
        current_config.cache_clear()
        with capture_logs() as logs:
            async_to_sync(act)()
        return [dict(entry) for entry in logs]

    return run


Nightfall = Callable[[], list[dict[str, object]]]


def states() -> dict[int, str]:
    return dict(KnownTemplate.objects.values_list("template_id", "drift"))


def test_templates_in_step_are_checked_in_silence(pushed: Operator, nightfall: Nightfall) -> None:
    assert nightfall() == []
    assert set(states().values()) == {Drift.SAME}
    assert set(KnownTemplate.objects.values_list("checked_at", flat=True)) == {NIGHT}


def test_an_edit_in_mailjet_is_warned_of_and_kept(pushed: Operator, mailjet: Mailjet, nightfall: Nightfall) -> None:
    mailjet.edit(number_of(RESET), text="Autre chose")
    (warning,) = nightfall()
    assert (warning["event"], warning["log_level"]) == ("template_drift", "warning")
    assert (warning["template_id"], warning["state"]) == (number_of(RESET), "edited_in_mailjet")
    assert states()[number_of(RESET)] == Drift.EDITED_IN_MAILJET


def test_a_drift_is_told_every_night_until_it_is_mended(
    pushed: Operator, mailjet: Mailjet, nightfall: Nightfall
) -> None:
    mailjet.edit(number_of(RESET), text="Autre chose")
    assert len(nightfall()) == len(nightfall()) == 1
    pushed.run("pull")
    assert nightfall() == []
    assert states()[number_of(RESET)] == Drift.SAME


def test_templates_that_were_never_pushed_are_kept_too(operator: Operator, nightfall: Nightfall) -> None:
    assert len(nightfall()) == 3
    assert states() == {5977509: Drift.MISSING, 5977599: Drift.MISSING, 5977511: Drift.MISSING}


def test_numbers_that_the_config_no_longer_names_are_forgotten(pushed: Operator, nightfall: Nightfall) -> None:
    pushed.reconfigure(f"template_id: {number_of(RESET)}", "template_id: 42")
    (warning,) = nightfall()
    assert (warning["template_id"], warning["state"]) == (42, "missing")
    assert len(states()) == 3
    assert states()[42] == Drift.MISSING


def test_a_night_without_mailjet_changes_nothing(
    pushed: Operator, empty_mailjet: SandboxControl, nightfall: Nightfall
) -> None:
    before = list(KnownTemplate.objects.values())
    empty_mailjet.fault("status", status=500, path="/v3/REST/template")
    (warning,) = nightfall()
    assert warning["event"] == "templates_not_checked"
    assert list(KnownTemplate.objects.values()) == before
