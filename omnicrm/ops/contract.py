"""The template contract as `omnicrm check` tells it: our designs against the catalogue, without asking Mailjet."""

from omnicrm.config import Config
from omnicrm.emails.templates.findings import Level
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.linting import lint_local
from omnicrm.emails.templates.targets import NothingChosen, NumberUsedTwice, targets


def contract_mistakes(config: Config) -> list[str]:
    """Every design that uses an unknown variable, lacks a required one or cannot be sent, one line each."""
    try:
        chosen = targets(config)
    except NothingChosen:
        return []
    except NumberUsedTwice as error:
        return [str(error)]
    findings = lint_local(chosen, config=config, folder=own_designs())
    return [str(finding) for finding in findings if finding.level == Level.ERROR]
