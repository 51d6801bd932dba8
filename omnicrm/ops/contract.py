"""The templates as `omnicrm check` tells of them: our designs of emails against the catalogue, without asking Mailjet,
and that of the invoices, by drawing some."""

from omnicrm.config import Config
from omnicrm.emails.templates.findings import Level
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.linting import lint_local
from omnicrm.emails.templates.targets import NothingChosen, NumberUsedTwice, targets
from omnicrm.invoices.rendering import check_template
from omnicrm.invoices.template_choice import template_of
from omnicrm.invoices.template_files import InvalidTemplate


def contract_mistakes(config: Config) -> list[str]:
    """Every design that uses an unknown variable, lacks a required one or cannot be sent, one line each; and why the
    template of invoices cannot be used."""
    return [*_mistakes_of_designs(config), *_mistakes_of_invoices(config)]


def _mistakes_of_designs(config: Config) -> list[str]:
    try:
        chosen = targets(config)
    except NothingChosen:
        return []
    except NumberUsedTwice as error:
        return [str(error)]
    findings = lint_local(chosen, config=config, folder=own_designs())
    return [str(finding) for finding in findings if finding.level == Level.ERROR]


def _mistakes_of_invoices(config: Config) -> list[str]:
    try:
        check_template(template_of(config))
    except InvalidTemplate as error:
        return [str(error)]
    return []
