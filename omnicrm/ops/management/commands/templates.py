import sys
import webbrowser
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override
from rich.console import Console
from rich.progress import Progress
from rich.syntax import Syntax

from omnicrm.config import config_path, current_config
from omnicrm.customers.addresses import InvalidAddress
from omnicrm.emails.catalogue import CATALOGUE, UnknownSection
from omnicrm.emails.designs import InvalidDesign, NoDesign
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.models import Drift
from omnicrm.emails.templates import pulling, pushing
from omnicrm.emails.templates.account import Account
from omnicrm.emails.templates.comparing import Comparison
from omnicrm.emails.templates.findings import Finding, Level
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.linting import lint_design, lint_languages, lint_local
from omnicrm.emails.templates.operations import OnRead, lint_account, pull_each, push_each, survey
from omnicrm.emails.templates.targets import NothingChosen, NumberUsedTwice, Target, targets
from omnicrm.emails.templates.trial import send_trial
from omnicrm.mailjet.errors import MailjetError
from omnicrm.ops.preview import NoSuchCustomer, write_preview
from omnicrm.ops.startup import require_migrated
from omnicrm.outbox.runtime import running_outbox

T = TypeVar("T")
_EXPECTED = (
    InvalidAddress,
    InvalidDesign,
    MailjetError,
    NoDesign,
    NoSuchCustomer,
    NothingChosen,
    NumberUsedTwice,
    OSError,
    UnknownSection,
)


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Checks the email templates, and keeps Mailjet's and ours in step."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        push = actions.add_parser("push", help="create or update templates in Mailjet; shows the difference first")
        pull = actions.add_parser("pull", help="bring what was edited in Mailjet into email_templates/")
        diff = actions.add_parser("diff", help="show what differs, and who changed it; status 1 if anything does")
        lint = actions.add_parser("lint", help="check our designs and Mailjet's templates; status 1 for an error")
        preview = actions.add_parser("preview", help="write a page that shows templates with sample data")
        for action in (push, pull, diff, lint, preview):
            _add_choice(action)
        for action in (diff, lint):
            action.add_argument("--json", action="store_true", help="for a script")
        for action in (push, pull):
            action.add_argument("--yes", action="store_true", help="do not ask")
            action.add_argument("--force", action="store_true", help="overwrite changes, and push despite errors")
        preview.add_argument("--customer", type=int, metavar="ID", help="with the name and address of this customer")
        preview.add_argument("--open", action="store_true", help="open the page in the browser")
        test = actions.add_parser("test", help="send an email with sample data, marked as a test")
        test.add_argument("--section", required=True, help="e.g. api_crmCommunicationCustomerWelcome")
        test.add_argument("--language", choices=LOCALES, help="default: the company's")
        test.add_argument("--to", required=True, metavar="ADDRESS")
        lint.add_argument("--local", action="store_true", help="only our own designs, without a call to Mailjet")

    def handle(self, *_args: Any, action: str, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            with override("en"):  # as all that the command line says
                status = self._test(options) if action == "test" else self._on_chosen(action, options)
        except _EXPECTED as error:
            raise CommandError(str(error)) from None
        if status:
            sys.exit(status)

    def _on_chosen(self, action: str, options: dict[str, Any]) -> int:
        chosen = targets(current_config(), section=options["section"], language=options["language"])
        status: int = getattr(self, f"_{action}")(chosen, options)
        return status

    def _lint(self, chosen: Sequence[Target], options: dict[str, Any]) -> int:
        config = current_config()
        findings = lint_languages(config, chosen=chosen) + lint_local(chosen, config=config, folder=own_designs())
        if not options["local"]:
            findings += _with_account(lambda account, on_read: lint_account(account, chosen, on_read=on_read), chosen)
        counts = {level: sum(finding.level == level for finding in findings) for level in Level}
        if options["json"]:
            self._write_json({"ok": not counts[Level.ERROR], "findings": findings})
        else:
            for finding in findings:
                self.stdout.write(str(finding))
            told = ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items())
            self.stdout.write(f"{len(chosen)} templates: {told}")
        return 1 if counts[Level.ERROR] else 0

    def _diff(self, chosen: Sequence[Target], options: dict[str, Any]) -> int:
        comparisons = _survey(chosen)
        if options["json"]:
            self._write_json([_row(each) for each in comparisons])
        else:
            for each in comparisons:
                self._tell(each, each.diff_of_push())
        return 1 if any(each.state is not Drift.SAME for each in comparisons) else 0

    def _push(self, chosen: Sequence[Target], options: dict[str, Any]) -> int:
        comparisons = _survey(chosen)
        for each in comparisons:
            self._tell(each, each.diff_of_push())
        _refuse([pushing.obstacle(each, force=options["force"]) for each in comparisons])
        wanted = [each for each in comparisons if each.state is not Drift.SAME]
        if not options["force"]:
            _refuse_errors([finding for each in wanted for finding in lint_design(each.target, each.local)])
        if not wanted:
            self.stdout.write("nothing to push")
        elif self._agrees(f"push {_templates(wanted)} to Mailjet?", options):
            _with_account(lambda account, on_read: self._push_wanted(account, wanted, on_read))
        else:
            return 1
        return 0

    async def _push_wanted(self, account: Account, wanted: Sequence[Comparison], _: OnRead) -> None:
        async for pushed in push_each(account, wanted, config_path=config_path().resolve(), now=datetime.now(UTC)):
            target, number = pushed.comparison.target, pushed.remote.info.id
            kept = f"; its number now stands at {target.slot}" if pushed.is_new else ""
            self.stdout.write(f"{target}: pushed as template {number}{kept}")

    def _pull(self, chosen: Sequence[Target], options: dict[str, Any]) -> int:
        comparisons = _survey(chosen)
        for why in filter(None, map(pulling.why_nothing, comparisons)):
            self.stdout.write(why)
        wanted = [each for each in comparisons if pulling.is_worth_it(each, force=options["force"])]
        for each in wanted:
            self._tell(each, each.diff_of_pull())
        _refuse([pulling.obstacle(each, force=options["force"]) for each in wanted])
        if not wanted:
            self.stdout.write("nothing to pull")
        elif self._agrees(f"write {_templates(wanted)} into {own_designs()}?", options):
            now = datetime.now(UTC)
            for target, paths in pull_each(wanted, config=current_config(), folder=own_designs(), now=now):
                self.stdout.write(f"{target}: pulled into {' and '.join(map(str, paths))}")
        else:
            return 1
        return 0

    def _preview(self, chosen: Sequence[Target], options: dict[str, Any]) -> int:
        now, customer_id = datetime.now(UTC), options["customer"]
        path = write_preview(chosen, config=current_config(), folder=own_designs(), customer_id=customer_id, now=now)
        self.stdout.write(str(path))
        if options["open"]:
            webbrowser.open(path.as_uri())
        return 0

    def _test(self, options: dict[str, Any]) -> int:
        require_migrated()
        config, section, now = current_config(), options["section"], datetime.now(UTC)
        targets(config, section=section)
        language = options["language"] or config.company.language
        message_id = send_trial(section=section, language=language, to=options["to"], now=now)
        self.stdout.write(f"queued; the worker sends it. See what becomes of it: omnicrm messages show {message_id}")
        return 0

    def _agrees(self, question: str, options: dict[str, Any]) -> bool:
        if options["yes"]:
            return True
        if not sys.stdin.isatty():
            raise CommandError("nobody is there to ask; give --yes to go ahead")
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes", "o", "oui")

    def _tell(self, comparison: Comparison, diff: str) -> None:
        self.stdout.write(f"{comparison.target}, template {comparison.target.template_id}: {comparison.state.label}")
        if diff and sys.stdout.isatty():
            Console(soft_wrap=True).print(Syntax(diff, "diff", background_color="default"))
        elif diff:
            self.stdout.write(diff)

    def _write_json(self, answer: object) -> None:
        self.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())


def _add_choice(action: ArgumentParser) -> None:
    action.add_argument("--section", help=f"one email, e.g. {next(iter(CATALOGUE))}; default: all")
    action.add_argument("--language", help=f"{' or '.join(LOCALES)}; default: all")


def _survey(chosen: Sequence[Target]) -> list[Comparison]:
    require_migrated()
    config, folder = current_config(), own_designs()
    return _with_account(
        lambda account, on_read: survey(account, chosen, config=config, folder=folder, on_read=on_read), chosen
    )


def _with_account(work: Callable[[Account, OnRead], Awaitable[T]], chosen: Sequence[Target] = ()) -> T:
    """Runs work that calls Mailjet; a bar shows how far it has read the chosen templates."""

    async def run() -> T:
        async with running_outbox(current_config(), clock=lambda: datetime.now(UTC), connections=1) as outbox:
            with _progress(chosen) as on_read:
                return await work(Account(outbox), on_read)

    return async_to_sync(run)()


@contextmanager
def _progress(chosen: Sequence[Target]) -> Iterator[OnRead]:
    with Progress(console=Console(stderr=True), transient=True, disable=not (chosen and sys.stderr.isatty())) as bar:
        task = bar.add_task("reading from Mailjet", total=len(chosen))
        yield lambda _: bar.advance(task)


def _refuse(obstacles: Sequence[str]) -> None:
    if found := [obstacle for obstacle in obstacles if obstacle]:
        raise CommandError("\n".join([*found, "nothing was done"]))


def _refuse_errors(findings: Sequence[Finding]) -> None:
    _refuse([str(finding) for finding in findings if finding.level is Level.ERROR])


def _row(comparison: Comparison) -> dict[str, Any]:
    return {
        "section": comparison.target.section,
        "language": comparison.target.language,
        "template_id": comparison.target.template_id,
        "state": comparison.state.value,
        "parts": comparison.different,
        "diff": comparison.diff_of_push(),
    }


def _templates(comparisons: Sequence[Comparison]) -> str:
    return "1 template" if len(comparisons) == 1 else f"{len(comparisons)} templates"
