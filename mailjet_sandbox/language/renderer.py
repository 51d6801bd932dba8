"""A Template and its values to the text that a recipient sees.

A tag that fails stays in the output as it was written, and the rest is rendered all the same. A template that cannot be
parsed, or that wants too much work, stays as it was written altogether.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailjet_sandbox.language.budget import Budget
from mailjet_sandbox.language.errors import (
    BudgetError,
    LanguageError,
    OperandError,
    Places,
    UndefinedError,
    expression_error,
)
from mailjet_sandbox.language.evaluator import Evaluator
from mailjet_sandbox.language.parser import parse
from mailjet_sandbox.language.scope import UNDEFINED, Scope
from mailjet_sandbox.language.syntax import Expression, For, If, Legacy, Node, Print, Set, Template, Text
from mailjet_sandbox.language.values import is_array, is_true, to_text

REPORTED: Final = 100
"""Errors, and unresolved names, told of one rendering."""

NOTHING: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Unresolved:
    """A name that had neither value nor default: `var:day`, `data:firstname`, or `row.title` for a local.

    It stands in the source from `start` to before `end`; `line` and `column` count from 1.
    """

    name: str
    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """`errors` are Mailjet's texts with the line and column added; empty if all went well."""

    output: str
    errors: tuple[str, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()


def render(
    source: str,
    *,
    variables: Mapping[str, object],
    contact: Mapping[str, object] = NOTHING,
    sender: Mapping[str, object] = NOTHING,
    template: Mapping[str, object] = NOTHING,
    now: datetime,
    language: bool = True,
) -> Rendered:
    """Never raises, whatever the source. With `language` False only the older `[[ ]]` tags mean something.

    `contact` holds ID, email, name and the contact's properties, and where it is known `segments` (names or IDs),
    `last_opened_at` and `last_clicked_at`. `sender` holds ID, email, name; `template` ID, name, copyright.
    """
    parsed = parse(source, language=language)
    if parsed.error is not None:
        return Rendered(output=source, errors=(parsed.error,))
    scope = Scope(variables=variables, contact=contact, sender=sender, template=template, now=now)
    return _Rendering(parsed, scope).run()


class _Rendering:
    def __init__(self, template: Template, scope: Scope) -> None:
        self._template = template
        self._scope = scope
        self._budget = Budget()
        self._evaluator = Evaluator(scope, self._budget)
        self._output = list[str]()
        self._errors = dict[tuple[int, str], LanguageError]()
        self._unresolved = dict[tuple[int, str], tuple[str, int, int]]()

    def run(self) -> Rendered:
        try:
            self._render_all(self._template.nodes)
            output = "".join(self._output)
        except BudgetError as error:
            self._report(error)
            output = self._template.source
        places = Places(self._template.source)
        return Rendered(
            output=output,
            errors=tuple(places.describe(error) for error in self._errors.values()),
            unresolved=tuple(_located(places, *found) for found in self._unresolved.values()),
        )

    def _render_all(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self._budget.spend(at=node.start)
            try:
                self._render(node)
            except BudgetError:
                raise
            except LanguageError as error:
                self._report(error)
                self._write(self._template.source[node.start : node.end], at=node.start)

    def _render(self, node: Node) -> None:
        match node:
            case Text():
                self._write(self._template.source[node.start : node.end], at=node.start)
            case Print():
                self._write(self._printed(node.expression), at=node.start)
            case Legacy():
                self._write(self._legacy(node), at=node.start)
            case Set():
                self._scope.locals[node.name] = self._evaluator.evaluate(node.expression)
            case If():
                self._render_all(self._taken(node))
            case For():
                self._loop(node)

    def _printed(self, expression: Expression) -> str:
        value = self._evaluator.evaluate(expression)
        try:
            return to_text(value)
        except OperandError as error:
            raise expression_error(str(error), start=expression.start, end=expression.end) from error

    def _legacy(self, node: Legacy) -> str:
        reference = node.reference
        if reference.default is None and self._scope.find(reference) is UNDEFINED:
            self._miss(reference.name, reference.start, reference.end)
            return ""
        return self._printed(reference)

    def _taken(self, node: If) -> Sequence[Node]:
        for condition, body in node.branches:
            if condition is None or is_true(self._evaluator.evaluate(condition)):
                return body
        return ()

    def _loop(self, node: For) -> None:
        items = self._items(node)
        names, name = self._scope.locals, node.name
        outer = names.get(name, UNDEFINED)
        for item in items:
            self._budget.spend(at=node.start)
            names[name] = item
            self._render_all(node.body)
        names.pop(name, None)
        if outer is not UNDEFINED:
            names[name] = outer

    def _items(self, node: For) -> Iterable[object]:
        """An object yields its values. Elements that are null are left undefined, as any null is."""
        source = node.source
        found = self._scope.find(source)
        value = source.default if found is UNDEFINED else found
        if value is None:
            problem = f'No value for "{source.name}"'
            raise UndefinedError(source.name, problem, start=source.start, end=source.end, shows_source=False)
        if not is_array(value):
            problem = f'"{source.name}" is not an array value'
            raise LanguageError(problem, start=source.start, end=source.end, shows_source=False)
        return value.values() if isinstance(value, Mapping) else value  # type: ignore[return-value]  # is_array says so

    def _write(self, text: str, *, at: int) -> None:
        self._budget.write(at=at, characters=len(text))
        self._output.append(text)

    def _report(self, error: LanguageError) -> None:
        if len(self._errors) < REPORTED:
            self._errors.setdefault((error.start, error.problem), error)
        if isinstance(error, UndefinedError):
            self._miss(error.name, error.start, error.end)

    def _miss(self, name: str, start: int, end: int) -> None:
        if len(self._unresolved) < REPORTED:
            self._unresolved.setdefault((start, name), (name, start, end))


def _located(places: Places, name: str, start: int, end: int) -> Unresolved:
    line, column = places.line_and_column(start)
    return Unresolved(name=name, start=start, end=end, line=line, column=column)
