"""The template contract: which variables a template may use, and which it must."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Final

from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.templates.findings import Level, Remark
from omnicrm.mailjet.language import Parsed, Reference

SHOWN: Final = 60
"""Characters of a name that a remark repeats."""


def used_variables(parsed: Parsed) -> frozenset[str]:
    return frozenset(reference.path for reference in parsed.references if reference.namespace == "var")


def remarks_on_syntax(parsed: Parsed) -> Iterator[Remark]:
    for level, problems in ((Level.ERROR, parsed.problems), (Level.NOTE, parsed.notes)):
        for found in problems:
            yield Remark(level=level, what=found.what, mend=found.mend, line=found.line, column=found.column)


def remarks_on_names(parsed: Parsed, email: type[CatalogueEmail]) -> Iterator[Remark]:
    """One for each unknown variable, at its first use."""
    told: set[str] = set()
    for reference in parsed.references:
        if reference.namespace == "var" and reference.path not in email.template_variables:
            if reference.path not in told:
                yield _unknown(reference, email)
            told.add(reference.path)


def remarks_on_use(used: Collection[str], email: type[CatalogueEmail], *, part: str) -> Iterator[Remark]:
    """What is missing from one part: HTML or plain text."""
    for name, variable in email.template_variables.items():
        if variable.required and name not in used and variable.or_else not in used:
            instead = f" or {{{{var:{variable.or_else}}}}}" if variable.or_else else ""
            what = f"the {part} lacks {name}, without which the email is useless"
            yield Remark(level=Level.ERROR, what=what, mend=f"put {{{{var:{name}}}}}{instead} into it")


def unused_variables(used: Collection[str], email: type[CatalogueEmail]) -> list[str]:
    """Those that may be left out, and are."""
    return [name for name, variable in email.template_variables.items() if name not in used and not variable.required]


def _unknown(reference: Reference, email: type[CatalogueEmail]) -> Remark:
    name = reference.path
    known = list(email.template_variables)
    shown = name if len(name) <= SHOWN else f"{name[:SHOWN]}…"
    head = name.partition(".")[0]
    if head in email.template_variables:
        what, mend = f"var:{shown} does not exist: {head} is one text without parts", f"write var:{head}"
    elif same := next((each for each in known if each.lower() == name.lower()), None):
        what, mend = f"var:{shown} is in the wrong case", f"write var:{same}: names are case-sensitive"
    else:
        near = get_close_matches(name[:SHOWN].lower(), known, n=1)
        what = f"this email has no variable {shown}"
        mend = f"did you mean var:{near[0]}?" if near else f"there are {', '.join(known)}"
    return Remark(level=Level.ERROR, what=what, mend=mend, line=reference.line, column=reference.column)
