"""From here to Mailjet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from omnicrm.emails.designs import Design
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.models import Drift
from omnicrm.emails.templates.account import Remote, read_remote
from omnicrm.emails.templates.comparing import Comparison
from omnicrm.emails.templates.parts import CONTENT, HEADERS, PURPOSE
from omnicrm.emails.templates.targets import Target
from omnicrm.mailjet.errors import OutcomeUnknown
from omnicrm.mailjet.templates import (
    EditMode,
    Purpose,
    TemplateInfo,
    create_template,
    get_template,
    update_template,
    write_content,
)
from omnicrm.mailjet.transport import Transport

_WOULD_UNDO: Final[Mapping[Drift, str]] = {
    Drift.EDITED_IN_MAILJET: "was edited in Mailjet since it was last pushed",
    Drift.CONFLICT: "was changed here and edited in Mailjet",
    Drift.NEVER_PUSHED: "is different in Mailjet, and was never pushed from here",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushed:
    """What Mailjet has now. `is_new`: it was created, or found under our name, and its number has to be kept."""

    comparison: Comparison
    remote: Remote

    @property
    def is_new(self) -> bool:
        return self.remote.info.id != self.comparison.target.template_id


def obstacle(comparison: Comparison, *, force: bool) -> str:
    """Why a push must not touch the template, in one line, or ""."""
    remote, number = comparison.remote, comparison.template_id
    if remote and remote.info.owner_type == "global":
        return f"template {number} belongs to Mailjet's gallery; copy it in Mailjet and write the copy's number"
    if remote and remote.info.edit_mode == EditMode.SECTION:
        return f"template {number} is a saved section, not a template; write another number"
    if comparison.drift in _WOULD_UNDO and not force:
        return (
            f"template {number} {_WOULD_UNDO[comparison.drift]}: pull it with "
            f"`omnicrm templates pull --section {comparison.target.section} --language {comparison.target.language}`, "
            "or overwrite it with --force"
        )
    return ""


async def push(account: Transport, comparison: Comparison) -> Pushed:
    """Creates the template, or changes those of its parts that differ; any other part of it stays as it is.

    Raises the errors of mailjet.errors. After any of them a second push goes on where this one ended.
    """
    target, design = comparison.target, comparison.local.design
    if comparison.remote:
        info = comparison.remote.info
        await _update_properties(account, info, target, comparison.different)
    else:
        info = await _create(account, target, design)
    if parts := _changed_content(comparison):
        await write_content(account, info.id, **parts)
    return Pushed(comparison=comparison, remote=await _read_back(account, info.id))


async def _create(account: Transport, target: Target, design: Design) -> TemplateInfo:
    return await create_template(
        account,
        name=target.name,
        locale=LOCALES[target.language],
        purposes=(PURPOSE,),
        edit_mode=EditMode.MJML if design.mjml else EditMode.HTML,
        description=f"Made by OmniCRM for {target.slot}",
    )


async def _update_properties(
    account: Transport, info: TemplateInfo, target: Target, different: tuple[str, ...]
) -> None:
    if "locale" in different or "purpose" in different:
        purposes = cast("tuple[Purpose, ...]", tuple(dict.fromkeys((*info.purposes, PURPOSE))))
        await update_template(account, info.id, locale=LOCALES[target.language], purposes=purposes)


def _changed_content(comparison: Comparison) -> dict[str, Any]:
    design = comparison.local.design
    texts = {"html": design.html, "text": design.text, "mjml": design.mjml}
    changed: dict[str, Any] = {name: texts[name] for name in CONTENT if name in comparison.different}
    if any(name in comparison.different for name in HEADERS):
        # Writing replaces all headers: one that was set in Mailjet, such as Reply-to, has to go along.
        before = comparison.remote.content.headers if comparison.remote else {}
        changed["headers"] = {**before, **{name: comparison.parts[name] for name in HEADERS}}
    return changed


async def _read_back(account: Transport, template_id: int) -> Remote:
    info = await get_template(account, template_id)
    remote = await read_remote(account, info) if info else None
    if remote is None:
        raise OutcomeUnknown(f"template {template_id} was pushed, and is gone from Mailjet; push again")
    return remote
