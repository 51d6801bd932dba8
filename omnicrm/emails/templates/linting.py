"""Checks of templates, ours and Mailjet's: everything wrong with each, at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from omnicrm.config import Config
from omnicrm.config.custom_emails import UNSUBSCRIBE_URL
from omnicrm.emails.catalogue import email_kind
from omnicrm.emails.designs import InvalidDesign
from omnicrm.emails.kinds import EmailKind
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
from omnicrm.mailjet.language import Parsed, Phrase, parse
from omnicrm.mailjet.language import phrase as _
from omnicrm.mailjet.templates import EditMode

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
            found.append(_finding(target, target.file_stem, _mistake(_problem_of(invalid), _("mend the file"))))
        else:
            found += lint_design(target, local)
    return found


def lint_design(target: Target, local: Local) -> list[Finding]:
    name = f"{target.section}.mjml ({target.language})"
    material = Material(
        where=f"{local.file or name}{', filled in' if local.is_filled_in else ''}",
        markup=local.source,
        html=local.design.html,
        text=local.design.text,
        text_where=str(local.text_file or "") if local.design.mjml else str(local.text_file or local.file),
        is_marketing=email_kind(target.section).is_marketing,
    )
    return _check(target, material)


def lint_remote(target: Target, remote: Remote | None) -> list[Finding]:
    """Checks what Mailjet would send for a target."""
    number = target.template_id
    if not number:
        mend = _("run `omnicrm templates push --section %(section)s`", section=target.section)
        return [_finding(target, str(target.slot), _mistake(_("it was never pushed, so it cannot be sent"), mend))]
    where = _("template %(number)s", number=number)
    if remote is None or remote.info.id != target.template_id:
        what = _("Mailjet has no such template for this key: it was deleted, or belongs to another key")
        mend = _(
            "run `omnicrm templates push --section %(section)s`, or write the right number at %(place)s",
            section=target.section,
            place=target.slot,
        )
        return [_finding(target, where, _mistake(what, mend))]
    if remote.info.edit_mode == EditMode.SECTION:
        remark = _mistake(_("this is a saved section, not a template"), _("write another number"))
        return [_finding(target, where, remark)]
    if remote.is_empty:
        what = _("it has no content: a draft that was never published")
        remark = _mistake(what, _("publish it in Mailjet, or push it"))
        return [_finding(target, where, remark)]
    html = remote.content.html or ""
    material = Material(
        where=_("template %(number)s, HTML", number=number),
        markup=html,
        html=html,
        text=remote.content.text or "",
        text_where=_("template %(number)s, text", number=number),
        is_marketing="marketing" in remote.info.purposes or email_kind(target.section).is_marketing,
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
            what=_(
                'there is no template in "%(language)s", so its recipients get the one in "%(instead)s"',
                language=each.language,
                instead=each.instead,
            ),
            mend=_("add languages.%(language)s with a template_id and a subject", language=each.language),
        )
        for each in fallbacks(config)
        if each.section in sections
    ]


def _check(target: Target, material: Material) -> list[Finding]:
    if len(material.html.encode()) > LARGEST_BYTES:
        what = _("the HTML has %(size)s KB, more than is checked or pushed", size=len(material.html.encode()) // 1024)
        return [_finding(target, material.where, _mistake(what, _("make it shorter")))]
    email = email_kind(target.section)
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
        yield _mistake(_("it has no HTML"), _("save it in Mailjet, or push it"))
    if not material.text.strip():
        what = _("it has no plain text, which raises the odds of landing in spam")
        yield Remark(level=Level.WARNING, what=what, mend=_("add a text part"))
    size = len(material.html.encode())
    if size > CLIPPED_BYTES:
        what = _(
            "the HTML has %(size)s KB; big mailboxes clip it at %(most)s", size=size // 1024, most=CLIPPED_BYTES // 1024
        )
        yield Remark(level=Level.WARNING, what=what, mend=_("make it shorter"))
    if material.is_marketing and not _offers_to_unsubscribe(markup, email_kind(target.section)):
        yield _mistake(_("marketing without a link to unsubscribe"), _('add <a href="{{mj:unsub_link}}">…</a>'))
    unused = unused_variables(used_variables(markup) | used_variables(text), email_kind(target.section))
    if unused:
        what = _("it does not use %(names)s", names=", ".join(unused))
        yield Remark(level=Level.WARNING, what=what, mend=_("nothing, if that is meant"))


def _offers_to_unsubscribe(markup: Parsed, email: EmailKind) -> bool:
    """By Mailjet's link, or by ours, which custom emails have to have anyway."""
    if UNSUBSCRIBE_URL in email.template_variables:
        return True
    return any(each.namespace == "mj" and each.path.startswith(_UNSUBSCRIBE) for each in markup.references)


def _problem_of(invalid: InvalidDesign) -> Phrase:
    problem = invalid.args[0]
    return problem if isinstance(problem, Phrase) else _("%(problem)s", problem=problem)


def _mistake(what: Phrase, mend: Phrase) -> Remark:
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
