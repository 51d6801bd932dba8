"""Checks of templates, ours and Mailjet's: everything wrong with each, at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from omnicrm.config import Config
from omnicrm.emails.catalogue import email_class
from omnicrm.emails.designs import InvalidDesign
from omnicrm.emails.templates.account import Remote
from omnicrm.emails.templates.findings import Finding, Level, Remark
from omnicrm.emails.templates.folder import LARGEST_BYTES, Local, read_local
from omnicrm.emails.templates.markup import remarks_on_markup
from omnicrm.emails.templates.names import (
    remarks_on_names,
    remarks_on_syntax,
    remarks_on_use,
    unused_variables,
    used_variables,
)
from omnicrm.emails.templates.targets import Target, fallbacks
from omnicrm.mailjet.language import Parsed, parse
from omnicrm.mailjet.templates import EditMode
from omnicrm.outbox.states import Lane

CLIPPED_BYTES: Final = 100 * 1024
_UNSUBSCRIBE: Final = "unsub_link"


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """A template to check. `markup` is its HTML, or the MJML that `html` was made of. `text_where` is "" where the
    plain text was read off the markup, and a mistake in it is a mistake there."""

    where: str
    markup: str
    html: str
    text: str
    text_where: str
    is_marketing: bool


def lint_local(chosen: Sequence[Target], *, config: Config, folder: Path) -> list[Finding]:
    """Checks the designs we have for these targets."""
    found: list[Finding] = []
    for target in chosen:
        try:
            local = read_local(target, company=config.company, folder=folder)
        except InvalidDesign as invalid:
            found.append(_finding(target, "here", _mistake(str(invalid), "mend the file")))
        else:
            found += lint_design(target, local)
    return found


def lint_design(target: Target, local: Local) -> list[Finding]:
    name = f"{target.section}.mjml ({target.language})"
    material = Material(
        where=str(local.file or name),
        markup=local.source,
        html=local.design.html,
        text=local.design.text,
        text_where=str(local.text_file or "") if local.design.mjml else str(local.text_file or local.file),
        is_marketing=email_class(target.section).lane == Lane.BULK,
    )
    return _check(target, material)


def lint_remote(target: Target, remote: Remote | None) -> list[Finding]:
    """Checks what Mailjet would send for a target."""
    where = f"template {target.template_id}"
    if remote is None or remote.info.id != target.template_id:
        what = "Mailjet has no such template for this key: it was deleted, or belongs to another key"
        mend = f"run `omnicrm templates push --section {target.section}`, or write the right number at {target.slot}"
        return [_finding(target, where, _mistake(what, mend))]
    if remote.info.edit_mode == EditMode.SECTION:
        return [_finding(target, where, _mistake("this is a saved section, not a template", "write another number"))]
    if remote.is_empty:
        remark = _mistake("it has no content: a draft that was never published", "publish it in Mailjet, or push it")
        return [_finding(target, where, remark)]
    html = remote.content.html or ""
    material = Material(
        where=f"{where}, HTML",
        markup=html,
        html=html,
        text=remote.content.text or "",
        text_where=f"{where}, text",
        is_marketing="marketing" in remote.info.purposes or email_class(target.section).lane == Lane.BULK,
    )
    return _check(target, material)


def lint_languages(config: Config, *, chosen: Iterable[Target]) -> list[Finding]:
    """Tells which of the chosen emails are sent in another language than the recipient's."""
    sections = {target.section for target in chosen}
    return [
        Finding(
            level=Level.WARNING,
            section=each.section,
            language=each.language,
            where=each.section,
            what=f'there is no template in "{each.language}", so its recipients get the one in "{each.instead}"',
            mend=f"add languages.{each.language} with a template_id and a subject",
        )
        for each in fallbacks(config)
        if each.section in sections
    ]


def _check(target: Target, material: Material) -> list[Finding]:
    if len(material.html.encode()) > LARGEST_BYTES:
        what = f"the HTML has {len(material.html.encode()) // 1024} KB, more than is checked or pushed"
        return [_finding(target, material.where, _mistake(what, "make it shorter"))]
    email = email_class(target.section)
    markup, text = parse(material.markup), parse(material.text)
    found = [
        _finding(target, material.where, remark)
        for remarks in (
            remarks_on_syntax(markup),
            remarks_on_names(markup, email),
            remarks_on_markup(material.markup),
            remarks_on_use(used_variables(markup), email, part="HTML") if material.html else (),
            _on_the_whole(target, material, markup, text),
        )
        for remark in remarks
    ]
    if material.text and material.text_where:
        own = [*remarks_on_syntax(text), *remarks_on_names(text, email)]
        found += [_finding(target, material.text_where, remark) for remark in own]
    if material.text:
        found += [
            _finding(target, material.text_where or material.where, remark)
            for remark in remarks_on_use(used_variables(text), email, part="plain text")
        ]
    return found


def _on_the_whole(target: Target, material: Material, markup: Parsed, text: Parsed) -> Iterator[Remark]:
    if not material.html.strip():
        yield _mistake("it has no HTML", "save it in Mailjet, or push it")
    if not material.text.strip():
        yield _mistake("it has no plain text, which raises the odds of landing in spam", "add a text part")
    size = len(material.html.encode())
    if size > CLIPPED_BYTES:
        what = f"the HTML has {size // 1024} KB; big mailboxes clip it at {CLIPPED_BYTES // 1024}"
        yield Remark(level=Level.WARNING, what=what, mend="make it shorter")
    if material.is_marketing and not _offers_to_unsubscribe(markup):
        yield _mistake("marketing without a link to unsubscribe", 'add <a href="{{mj:unsub_link}}">…</a>')
    unused = unused_variables(used_variables(markup) | used_variables(text), email_class(target.section))
    if unused:
        mend = "nothing, if that is meant"
        yield Remark(level=Level.WARNING, what=f"it does not use {', '.join(unused)}", mend=mend)


def _offers_to_unsubscribe(markup: Parsed) -> bool:
    return any(each.namespace == "mj" and each.path.startswith(_UNSUBSCRIBE) for each in markup.references)


def _mistake(what: str, mend: str) -> Remark:
    return Remark(level=Level.ERROR, what=what, mend=mend)


def _finding(target: Target, where: str, remark: Remark) -> Finding:
    return Finding(
        level=remark.level,
        section=target.section,
        language=target.language,
        where=where,
        line=remark.line,
        column=remark.column,
        what=remark.what,
        mend=remark.mend,
    )
