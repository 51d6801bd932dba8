"""The order of the tags: which branches and loops are open, and which locals are known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from omnicrm.mailjet.language.expressions import FUNCTIONS, RESERVED, Use
from omnicrm.mailjet.language.findings import NAMESPACES, Findings, Namespace, Reference, Remark
from omnicrm.mailjet.language.phrases import Phrase
from omnicrm.mailjet.language.phrases import phrase as _
from omnicrm.mailjet.language.supplied import remark_on
from omnicrm.mailjet.language.tags import Tag
from omnicrm.mailjet.language.tokens import LONGEST


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """What a loop goes over, seen from the template: a name that Mailjet supplies, or a field of its items."""

    namespace: Namespace
    path: str
    field: str = ""


@dataclass(kw_only=True, slots=True)
class _Open:
    """A branch or a loop. A loop's `local` hides what the name meant before: `hidden`, if it was `known_before`."""

    statement: str
    offset: int
    has_else: bool = False
    local: str = ""
    known_before: bool = False
    hidden: _Source | None = None


class Structure:
    """Takes a template's tags in order, and reports what each means at its place."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._open: list[_Open] = []
        self._locals: dict[str, _Source | None] = {}
        self._takers: Final[dict[str, Callable[[Tag], None]]] = {
            "if": self._begin,
            "elseif": self._branch,
            "else": self._branch,
            "endif": self._end,
            "for": self._begin_loop,
            "endfor": self._end,
            "set": self._set,
        }

    @property
    def is_guarded(self) -> bool:
        """Whether a branch or a loop is open."""
        return bool(self._open)

    def take(self, tag: Tag) -> None:
        for remark in tag.remarks:
            self._findings.add(remark)
        for use in tag.uses:
            self._report(use, is_loop=tag.statement == "for")
        if tag.statement in self._takers:
            self._takers[tag.statement](tag)

    def finish(self) -> None:
        """The template is over: what is still open is never closed."""
        self._close(down_to=0)

    def _begin(self, tag: Tag) -> None:
        self._open.append(_Open(statement="if", offset=tag.start))

    def _begin_loop(self, tag: Tag) -> None:
        name, source = tag.local, self._source(tag)
        known_before, hidden = name in self._locals, self._locals.get(name)
        self._open.append(
            _Open(statement="for", offset=tag.start, local=name, known_before=known_before, hidden=hidden)
        )
        if name:
            self._locals[name] = source

    def _source(self, tag: Tag) -> _Source | None:
        if not tag.uses:
            return None
        use = tag.uses[-1]
        namespace = NAMESPACES.get(use.namespace)
        return _Source(namespace=namespace, path=use.path) if namespace else self._through_local(use)

    def _through_local(self, use: Use) -> _Source | None:
        root, _dot, field = use.path.partition(".")
        source = self._locals.get(root)
        # Cut: loops inside one another could make it longer at every step.
        return source and replace(source, field=f"{source.field}.{field}".strip(".")[:LONGEST])

    def _set(self, tag: Tag) -> None:
        if tag.local:
            self._locals[tag.local] = None

    def _branch(self, tag: Tag) -> None:
        if not self._open or self._open[-1].statement != "if":
            self._misplaced(tag, _("there is no open if for this"), _("put it between if and endif"))
        elif self._open[-1].has_else:
            what = _("%(statement)s comes after else", statement=tag.statement)
            self._misplaced(tag, what, _("put else last, and only once"))
        else:
            self._open[-1].has_else = tag.statement == "else"

    def _end(self, tag: Tag) -> None:
        statement = tag.statement.removeprefix("end")
        levels = (level for level in range(len(self._open) - 1, -1, -1) if self._open[level].statement == statement)
        level = next(levels, None)
        if level is None:
            what = _("%(statement)s closes nothing", statement=tag.statement)
            self._misplaced(tag, what, _("open it with %(statement)s, or take it away", statement=statement))
        else:
            self._close(down_to=level + 1)
            self._leave(self._open.pop())

    def _close(self, *, down_to: int) -> None:
        """Closes what is open from this level on, though its end is missing."""
        for opened in reversed(self._open[down_to:]):
            what = _("%(statement)s is never closed", statement=opened.statement)
            mend = _("write {%% end%(statement)s %%} where it ends", statement=opened.statement)
            self._findings.add(Remark(opened.offset, what, mend))
            self._leave(opened)
        del self._open[down_to:]

    def _leave(self, opened: _Open) -> None:
        if opened.known_before:
            self._locals[opened.local] = opened.hidden
        elif opened.local:
            self._locals.pop(opened.local, None)

    def _misplaced(self, tag: Tag, what: Phrase, mend: Phrase) -> None:
        self._findings.add(Remark(tag.start, what, mend))

    def _report(self, use: Use, *, is_loop: bool) -> None:
        if namespace := NAMESPACES.get(use.namespace):
            self._refer(use, _Source(namespace=namespace, path=use.path), is_loop=is_loop)
        elif source := self._through_local(use):
            self._refer(use, source, is_loop=is_loop, local=_root(use))
        elif _root(use) not in self._locals:
            self._findings.add(
                Remark(
                    use.offset, _('"%(name)s" is not set in this template', name=use.path[:LONGEST]), _how_to_name(use)
                )
            )

    def _refer(self, use: Use, source: _Source, *, is_loop: bool, local: str = "") -> None:
        remark = remark_on(source.path, offset=use.offset) if source.namespace == "mj" else None
        if remark:
            self._findings.add(remark)
        line, column = self._findings.place(use.offset)
        self._findings.add_reference(
            Reference(
                namespace=source.namespace,
                path=source.path,
                has_default=use.has_default,
                line=line,
                column=column,
                guarded=self.is_guarded,
                is_loop=is_loop,
                local=local,
                field=source.field,
            )
        )


def _root(use: Use) -> str:
    return use.path.partition(".")[0]


def _how_to_name(use: Use) -> Phrase:
    word = use.path.lower()
    if word in RESERVED:
        return _("write %(this)s, in lower case", this=word)
    if word in FUNCTIONS:
        return _("write %(this)s: it is a function", this=f"{FUNCTIONS[word][0]}(…)")
    if use.has_default and word in NAMESPACES:
        return _("write %(this)s, in lower case and without spaces", this=f"{word}:name")
    return _("write %(this)s for a variable, or set it first", this=f"var:{use.path[:LONGEST]}")
