"""The template contract: which variables a template may use, and which it must."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Final, Literal

from omnicrm.emails.base import Variable
from omnicrm.emails.kinds import EmailKind
from omnicrm.emails.templates.findings import Level, Remark
from omnicrm.mailjet.language import Parsed, Phrase, Reference
from omnicrm.mailjet.language import phrase as _

SHOWN: Final = 60
"""Characters of a name that a remark repeats."""


def used_variables(parsed: Parsed) -> frozenset[str]:
    return frozenset(reference.path for reference in parsed.references if reference.namespace == "var")


def remarks_on_syntax(parsed: Parsed) -> Iterator[Remark]:
    for level, problems in ((Level.ERROR, parsed.problems), (Level.NOTE, parsed.notes)):
        for found in problems:
            yield Remark(level=level, what=found.what, mend=found.mend, line=found.line, column=found.column)


def remarks_on_names(parsed: Parsed, email: EmailKind) -> Iterator[Remark]:
    """One for each unknown variable, at its first use."""
    told: set[str] = set()
    for reference in parsed.references:
        if reference.namespace == "var" and reference.path not in email.template_variables:
            if reference.path not in told:
                yield _unknown(reference, email)
            told.add(reference.path)


def remarks_on_use(used: Collection[str], email: EmailKind, *, part: Literal["HTML", "plain text"]) -> Iterator[Remark]:
    """What is missing from one part."""
    for name, variable in email.template_variables.items():
        if variable.required and name not in used and variable.or_else not in used:
            if part == "HTML":
                what = _("the HTML lacks %(name)s, without which the email is useless", name=name)
            else:
                what = _("the plain text lacks %(name)s, without which the email is useless", name=name)
            yield Remark(level=Level.ERROR, what=what, mend=_how_to_use(name, variable))


def _how_to_use(name: str, variable: Variable) -> Phrase:
    if variable.or_else:
        return _("put {{var:%(name)s}} or {{var:%(other)s}} into it", name=name, other=variable.or_else)
    return _("put {{var:%(name)s}} into it", name=name)


def unused_variables(used: Collection[str], email: EmailKind) -> list[str]:
    """Those that may be left out, and are."""
    return [name for name, variable in email.template_variables.items() if name not in used and not variable.required]


def _unknown(reference: Reference, email: EmailKind) -> Remark:
    name = reference.path
    known = list(email.template_variables)
    shown = name if len(name) <= SHOWN else f"{name[:SHOWN]}…"
    head = name.partition(".")[0]
    if head in email.template_variables:
        what = _("var:%(name)s does not exist: %(head)s is one text without parts", name=shown, head=head)
        mend = _("write %(this)s", this=f"var:{head}")
    elif same := next((each for each in known if each.lower() == name.lower()), None):
        what = _("var:%(name)s is in the wrong case", name=shown)
        mend = _("write %(this)s: names are case-sensitive", this=f"var:{same}")
    else:
        near = get_close_matches(name[:SHOWN].lower(), known, n=1)
        what = _("this email has no variable %(name)s", name=shown)
        meant = _("did you mean %(name)s?", name=f"var:{near[0]}") if near else None
        mend = meant or _("there are %(names)s", names=", ".join(known))
    return Remark(level=Level.ERROR, what=what, mend=mend, line=reference.line, column=reference.column)
