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
    """A field that a loop shows counts as well: it says of each item what the variable of its name says of all."""
    used = [reference for reference in parsed.references if reference.namespace == "var"]
    return frozenset(name for reference in used for name in (reference.path, reference.field) if name)


def remarks_on_syntax(parsed: Parsed) -> Iterator[Remark]:
    for level, problems in ((Level.ERROR, parsed.problems), (Level.NOTE, parsed.notes)):
        for found in problems:
            yield Remark(level=level, what=found.what, mend=found.mend, line=found.line, column=found.column)


def remarks_on_names(parsed: Parsed, email: EmailKind) -> Iterator[Remark]:
    """One for each variable, or field of a list's items, that is unknown or wrongly used: at its first use."""
    told: set[tuple[str, str, bool]] = set()
    for reference in parsed.references:
        key = (reference.path, reference.field, reference.is_loop)
        if reference.namespace != "var" or key in told:
            continue
        if remark := _remark_on(reference, email):
            told.add(key)
            yield remark


def _remark_on(reference: Reference, email: EmailKind) -> Remark | None:
    variable = email.template_variables.get(reference.path)
    if variable is None:
        return None if reference.local else _unknown(reference, email)
    if reference.local:
        return _on_item(reference, variable)
    if reference.is_loop and not variable.is_list:
        return _no_list(reference, f"var:{reference.path}")
    if variable.is_list and not reference.is_loop:
        what = _("var:%(name)s is a list", name=reference.path)
        return _error(reference, what, _how_to_loop(reference.path, variable))
    return None


def _on_item(reference: Reference, variable: Variable) -> Remark | None:
    """On a local that a loop gives, or on a field of it. What a loop over a text gives is told at the loop."""
    if not variable.is_list or reference.field in variable.fields:
        is_misused = variable.is_list and reference.is_loop
        return _no_list(reference, f"{reference.local}.{reference.field}") if is_misused else None
    fields = [f"{reference.local}.{field}" for field in variable.fields]
    if not reference.field:
        what = _("%(name)s is a whole item of the list", name=_short(reference.local))
        return _error(reference, what, _("write one of its fields: %(names)s", names=", ".join(fields)))
    what = _("the items of var:%(list)s have no field %(name)s", list=reference.path, name=_short(reference.field))
    return _error(reference, what, _nearest(f"{reference.local}.{reference.field}", fields))


def _no_list(reference: Reference, name: str) -> Remark:
    what = _("%(name)s is one text, and a loop needs a list", name=name)
    return _error(reference, what, _("write {{%(name)s}} without the loop", name=name))


def _how_to_loop(name: str, variable: Variable) -> Phrase:
    first = next(iter(variable.fields))
    loop = f"{{% for each in var:{name} %}}{{{{each.{first}}}}}{{% endfor %}}"
    return _("go over it: %(loop)s", loop=loop)


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
    if variable.is_list:
        return _how_to_loop(name, variable)
    if variable.or_else:
        return _("put {{var:%(name)s}} or {{var:%(other)s}} into it", name=name, other=variable.or_else)
    return _("put {{var:%(name)s}} into it", name=name)


def unused_variables(used: Collection[str], email: EmailKind) -> list[str]:
    """Those that may be left out, and are."""
    return [name for name, variable in email.template_variables.items() if name not in used and not variable.required]


def _unknown(reference: Reference, email: EmailKind) -> Remark:
    name = reference.path
    known = list(email.template_variables)
    shown = _short(name)
    head = name.partition(".")[0]
    variable = email.template_variables.get(head)
    if variable and variable.is_list:
        what = _("var:%(name)s does not exist: %(head)s is a list", name=shown, head=head)
        mend = _how_to_loop(head, variable)
    elif variable:
        what = _("var:%(name)s does not exist: %(head)s is one text without parts", name=shown, head=head)
        mend = _("write %(this)s", this=f"var:{head}")
    elif same := next((each for each in known if each.lower() == name.lower()), None):
        what = _("var:%(name)s is in the wrong case", name=shown)
        mend = _("write %(this)s: names are case-sensitive", this=f"var:{same}")
    else:
        what = _("this email has no variable %(name)s", name=shown)
        near = get_close_matches(name[:SHOWN].lower(), known, n=1)
        meant = _("did you mean %(name)s?", name=f"var:{near[0]}") if near else None
        mend = meant or _("there are %(names)s", names=", ".join(known))
    return _error(reference, what, mend)


def _nearest(name: str, known: list[str]) -> Phrase:
    near = get_close_matches(name[:SHOWN].lower(), known, n=1)
    return _("did you mean %(name)s?", name=near[0]) if near else _("there are %(names)s", names=", ".join(known))


def _error(reference: Reference, what: Phrase, mend: Phrase) -> Remark:
    return Remark(level=Level.ERROR, what=what, mend=mend, line=reference.line, column=reference.column)


def _short(name: str) -> str:
    return name if len(name) <= SHOWN else f"{name[:SHOWN]}…"
