"""A template as named texts, so that two of them can be compared, told apart part by part, and shown as a diff."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import orjson

from omnicrm.emails.designs import Design
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.templates.targets import Target
from omnicrm.mailjet.templates import TemplateContent, TemplateInfo

Parts = Mapping[str, str]
"""Text by part: "html", "text", "mjml", "From", "Subject", "locale" and "purpose". A part that is not there is left
out."""
CONTENT: Final = ("html", "text", "mjml")
HEADERS: Final = ("From", "Subject")
PROPERTIES: Final = ("locale", "purpose")
PURPOSE: Final = "transactional"
DIFF_CHARACTERS: Final = 300_000
"""Of each side of a part: comparing more than this line by line takes longer than anyone waits."""


def parts_of_design(target: Target, design: Design) -> Parts:
    template = target.template
    name = template.from_name.replace("\\", r"\\").replace('"', r"\"")
    return _present(
        html=design.html,
        text=design.text or None,
        mjml=design.mjml or None,
        From=f'"{name}" <{template.from_email}>',
        Subject=template.subject,
        locale=LOCALES[target.language],
        purpose=PURPOSE,
    )


def parts_at_mailjet(info: TemplateInfo, content: TemplateContent) -> Parts:
    tree = content.mjml
    mjml = orjson.dumps(tree, option=orjson.OPT_SORT_KEYS).decode() if isinstance(tree, Mapping) else tree
    headers = {name: content.headers.get(name) for name in HEADERS}
    purpose = PURPOSE if PURPOSE in info.purposes else ",".join(sorted(info.purposes))
    return _present(
        html=content.html, text=content.text, mjml=mjml, locale=info.locale or None, purpose=purpose, **headers
    )


def digest(parts: Parts) -> str:
    """64 hexadecimal digits, the same for the same parts."""
    return hashlib.sha256(orjson.dumps(dict(parts), option=orjson.OPT_SORT_KEYS)).hexdigest()


def different_parts(local: Parts, mailjet: Parts) -> tuple[str, ...]:
    """The parts that we have and Mailjet has not, or has otherwise."""
    return tuple(name for name, text in local.items() if mailjet.get(name) != text)


def unified_diff(before: Parts, after: Parts, names: Iterable[str], *, title: str) -> str:
    """What turns `before` into `after`, in these parts, as `diff -u` shows it."""
    return "".join(line for name in names for line in _diff(before, after, name, title))


def _diff(before: Parts, after: Parts, name: str, title: str) -> Iterator[str]:
    sides = before.get(name, ""), after.get(name, "")
    if name in CONTENT and not sides[0]:
        yield f"{title} {name}: new, {len(sides[1])} characters\n"
        return
    if max(map(len, sides)) > DIFF_CHARACTERS:
        yield f"{title} {name}: {len(sides[0])} characters become {len(sides[1])}\n"
        return
    lines = difflib.unified_diff(
        sides[0].splitlines(), sides[1].splitlines(), f"{title} {name} (before)", f"{title} {name} (after)", lineterm=""
    )
    yield from (f"{line}\n" for line in lines)


def _present(**parts: str | None) -> Parts:
    """Line ends and the white space at the end are not worth a difference: editors and forms change them."""
    texts = {name: text for name, text in parts.items() if text is not None}
    return {name: text.replace("\r\n", "\n").rstrip() for name, text in texts.items()}
