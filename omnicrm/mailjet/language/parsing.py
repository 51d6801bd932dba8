"""A whole template: finds the tags in the text around them."""

import re
from dataclasses import replace
from typing import Final

from omnicrm.mailjet.language.damage import undo_damage, with_example
from omnicrm.mailjet.language.findings import Findings, Parsed, Reference, Remark
from omnicrm.mailjet.language.phrases import phrase as _
from omnicrm.mailjet.language.structure import Structure
from omnicrm.mailjet.language.tags import Tag, read_tag
from omnicrm.mailjet.language.tokens import CLOSINGS, NAMES

_MARK = re.compile(
    r"""
      (?P<tag>\{\{|\{%)
    | (?P<bracket>\[\[)
    | (?P<comment>\{\#[^{}\n]*\#\})
    | (?P<split>\{(?:<[^<>]*>)+[{%](?![{%]))
    | (?P<single>\{[ ]?(?:var|data|mj|segment):)
    """,
    re.VERBOSE,
)
_BRACKETS = re.compile(
    rf"""
    \[\[ (?:
        (?P<namespace>var|data) : (?P<path>{NAMES}) (?P<default> : (?: [ ]* "[^"]*" | [^"\[\]]* ) )?
      | (?P<link>UNSUB_LINK(?:_[A-Z]{{2}})?|PERMALINK)
    ) \]\]
    """,
    re.VERBOSE,
)
_AS_IT_STANDS: Final = {
    "comment": (_("Mailjet has no comments: this text is sent as it stands"), _("take it out")),
    "split": (
        _("HTML stands between the two braces: this is text, not a tag"),
        _("put the braces together in the source view"),
    ),
    "single": (_("a single brace is text, not a tag"), _("write two braces: {{var:name}}")),
}


def parse(source: str) -> Parsed:
    """Reads the HTML or text part of a template. Takes time in proportion to its length, whatever it holds."""
    findings = Findings(source)
    structure = Structure(findings)
    mark = _MARK.search(source)
    while mark and not findings.is_full:
        mark = _MARK.search(source, _read(source, mark, findings, structure))
    structure.finish()
    return findings.parsed()


def _read(source: str, mark: re.Match[str], findings: Findings, structure: Structure) -> int:
    """Reads what begins at the mark; returns where to go on."""
    kind = str(mark.lastgroup)
    if kind == "tag":
        tag = _mended(source, read_tag(source, mark.start()))
        structure.take(tag)
        return tag.end
    if kind == "bracket":
        return _read_brackets(source, mark, findings, structure)
    findings.add(Remark(mark.start(), *_AS_IT_STANDS[kind], is_note=True))
    return mark.end()


def _mended(source: str, tag: Tag) -> Tag:
    """The tag, or if an editor damaged it, the tag as it was meant, with remarks on the damage."""
    undone = None if tag.is_whole else undo_damage(source[tag.start : tag.end], offset=tag.start)
    if undone is None:
        return tag
    meant = read_tag(undone.text, 0)
    if undone.has_elements and not meant.is_whole:
        return _unclosed(source, tag)
    remarks = [with_example(remark, undone.text) if meant.is_whole else remark for remark in undone.remarks]
    return Tag(
        start=tag.start,
        end=tag.end,
        statement=meant.statement,
        local=meant.local,
        uses=[use._replace(offset=tag.start) for use in meant.uses],
        remarks=remarks + [remark._replace(offset=tag.start) for remark in meant.remarks],
    )


def _unclosed(source: str, tag: Tag) -> Tag:
    """Most likely the closing braces found after the HTML belong to something else, such as a style sheet."""
    opening = source[tag.start : tag.start + 2]
    mend = _("close it with %(closing)s before the HTML", closing=CLOSINGS[opening])
    remark = Remark(tag.start, _("HTML follows %(opening)s before it is closed", opening=opening), mend)
    return replace(tag, end=tag.start + len(opening), remarks=[remark])


def _read_brackets(source: str, mark: re.Match[str], findings: Findings, structure: Structure) -> int:
    found = _BRACKETS.match(source, mark.start())
    if found is None:
        if source.startswith(("var:", "data:"), mark.end()):
            what = _("this is text, not a tag: no ]] ends it as it should")
            findings.add(Remark(mark.start(), what, _('write {{var:name:""}}'), is_note=True))
        return mark.end()
    namespace, path, default, link = found.group("namespace", "path", "default", "link")
    what = _("[[ ]] is the older form; it works without TemplateLanguage too")
    findings.add(Remark(mark.start(), what, _("write %(this)s", this=_todays_form(found)), is_note=True))
    line, column = findings.place(mark.start())
    findings.add_reference(
        Reference(
            namespace="var" if namespace == "var" else "data" if namespace else "mj",
            path=path or link.lower(),
            has_default=default is not None,
            line=line,
            column=column,
            guarded=structure.is_guarded,
        )
    )
    return found.end()


def _todays_form(brackets: re.Match[str]) -> str:
    namespace, path, default, link = brackets.group("namespace", "path", "default", "link")
    name = f"{namespace}:{path}" if namespace else f"mj:{link.lower()}"
    if default is None:
        return f"{{{{{name}}}}}"
    text = default.removeprefix(":").strip().strip('"')
    return f'{{{{{name}:"{text}"}}}}'
