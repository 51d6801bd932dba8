"""Expressions to values.

Both sides of `and` and `or` are evaluated: an undefined name must not hide behind the other side.
"""

from typing import Final

from mailjet_sandbox.language.budget import Budget
from mailjet_sandbox.language.errors import OperandError, UndefinedError, expression_error
from mailjet_sandbox.language.functions import call
from mailjet_sandbox.language.scope import UNDEFINED, Scope
from mailjet_sandbox.language.syntax import Call, Chain, Expression, Literal, Reference, Unary
from mailjet_sandbox.language.values import calculate, compare, is_true, negative

LOGIC: Final = frozenset({"and", "or", "xor"})
ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "div", "mod"})


class Evaluator:
    def __init__(self, scope: Scope, budget: Budget) -> None:
        self._scope = scope
        self._budget = budget

    def evaluate(self, expression: Expression) -> object:
        """Raises UndefinedError, BudgetError, or the LanguageError of the innermost part that failed."""
        try:
            value = self._compute(expression)
        except OperandError as error:
            raise expression_error(str(error), start=expression.start, end=expression.end) from error
        self._budget.spend(at=expression.start, characters=len(value) if isinstance(value, str) else 0)
        return value

    def _compute(self, expression: Expression) -> object:
        match expression:
            case Literal():
                return expression.value
            case Reference():
                return self._find(expression)
            case Unary(operator="not"):
                return not is_true(self.evaluate(expression.operand))
            case Unary():
                return negative(self.evaluate(expression.operand))
            case Chain():
                return self._chain(expression)
            case Call():
                arguments = [self.evaluate(argument) for argument in expression.arguments]
                return call(expression.function, arguments, scope=self._scope)

    def _find(self, reference: Reference) -> object:
        value = self._scope.find(reference)
        if value is not UNDEFINED:
            return value
        if reference.default is not None:
            return reference.default
        problem = f"expression parsing error ## Unknown identifier: {reference.name}"
        raise UndefinedError(reference.name, problem, start=reference.start, end=reference.end)

    def _chain(self, chain: Chain) -> object:
        value = self.evaluate(chain.first)
        for sign, operand in chain.rest:
            value = _combine(sign, value, self.evaluate(operand))
            self._budget.spend(at=chain.start, characters=len(value) if isinstance(value, str) else 0)
        return value


def _combine(sign: str, left: object, right: object) -> object:
    if sign in LOGIC:
        return _logic(sign, left=is_true(left), right=is_true(right))
    return calculate(sign, left, right) if sign in ARITHMETIC else compare(sign, left, right)


def _logic(sign: str, *, left: bool, right: bool) -> bool:
    match sign:
        case "and":
            return left and right
        case "or":
            return left or right
    return left != right
