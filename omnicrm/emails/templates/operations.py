"""What the command line and the nightly check do with templates, from reading both sides to remembering the outcome."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from asgiref.sync import sync_to_async

from omnicrm.config import Config
from omnicrm.config.writing import write_template_ids
from omnicrm.emails.models import Drift
from omnicrm.emails.templates.account import Remote, read_remotes
from omnicrm.emails.templates.comparing import Comparison, compare
from omnicrm.emails.templates.findings import Finding
from omnicrm.emails.templates.folder import read_local
from omnicrm.emails.templates.linting import lint_remote
from omnicrm.emails.templates.memory import recall, remember_drift, remember_in_step
from omnicrm.emails.templates.parts import parts_of_design
from omnicrm.emails.templates.pulling import pull
from omnicrm.emails.templates.pushing import Pushed, push
from omnicrm.emails.templates.targets import Target, targets
from omnicrm.mailjet.transport import Transport

OnRead = Callable[[Target], None]
"""Told of each template as it has been read from Mailjet."""


def _unheard(_: Target) -> None:
    """Nobody wants to know."""


async def survey(
    account: Transport, chosen: Sequence[Target], *, config: Config, folder: Path, on_read: OnRead = _unheard
) -> list[Comparison]:
    """Compares each target's design with its template at Mailjet, and both with what is remembered of them.

    Raises InvalidDesign, and the errors of mailjet.errors.
    """
    ours = {target: read_local(target, company=config.company, folder=folder) for target in chosen}
    theirs = await _read(account, chosen, on_read)
    numbers = {target: remote.info.id if remote else target.template_id for target, remote in theirs.items()}
    known = await sync_to_async(recall)(set(numbers.values()))
    return [compare(target, ours[target], theirs[target], known.get(numbers[target])) for target in chosen]


async def lint_account(account: Transport, chosen: Sequence[Target], *, on_read: OnRead = _unheard) -> list[Finding]:
    """Checks what Mailjet would send for these targets. Raises the errors of mailjet.errors."""
    remotes = await _read(account, chosen, on_read)
    return [finding for target, remote in remotes.items() for finding in lint_remote(target, remote)]


async def push_each(
    account: Transport, comparisons: Iterable[Comparison], *, config_path: Path, now: datetime
) -> AsyncIterator[Pushed]:
    """Pushes what differs, one after the other, and keeps what came of each before it begins the next.

    Raises the errors of mailjet.errors, and ConfigError or OSError where a new number cannot be kept: the template is
    then found under its name by the next push.
    """
    for comparison in comparisons:
        if comparison.state is not Drift.SAME:
            pushed = await push(account, comparison)
            await sync_to_async(_keep)(pushed, config_path=config_path, now=now)
            yield pushed


def pull_each(
    comparisons: Iterable[Comparison], *, config: Config, folder: Path, now: datetime
) -> Iterator[tuple[Target, list[Path]]]:
    """Writes Mailjet's templates into our files, which from then on count as in step with them; yields the files.

    Raises InvalidDesign for content that could not be pushed back.
    """
    for each in comparisons:
        if each.remote:
            paths = pull(each.target, each.remote, ours=each.parts, folder=folder)
            design = read_local(each.target, company=config.company, folder=folder).design
            local = parts_of_design(each.target, design)
            remember_in_step(each.target, local=local, remote=each.remote, now=now)
            yield each.target, paths


async def check_drift(account: Transport, *, config: Config, folder: Path, now: datetime) -> list[Comparison]:
    """Compares every configured template, keeps the outcome for the dashboard, and returns those out of step."""
    comparisons = await survey(account, targets(config), config=config, folder=folder)
    await sync_to_async(remember_drift)(comparisons, now=now)
    return [each for each in comparisons if each.state is not Drift.SAME]


async def _read(account: Transport, chosen: Sequence[Target], on_read: OnRead) -> dict[Target, Remote | None]:
    remotes: dict[Target, Remote | None] = {}
    async for target, remote in read_remotes(account, chosen):
        remotes[target] = remote
        on_read(target)
    return remotes


def _keep(pushed: Pushed, *, config_path: Path, now: datetime) -> None:
    comparison = pushed.comparison
    remember_in_step(comparison.target, local=comparison.parts, remote=pushed.remote, now=now)
    if pushed.is_new:
        write_template_ids(config_path, {comparison.target.slot: pushed.remote.info.id})
