"""Expressions: what stands between `{{` and `}}`, after `if`, and after `set name =`."""

import difflib
from typing import Final, NamedTuple

from omnicrm.mailjet.language.findings import NAMESPACES, Remark
from omnicrm.mailjet.language.phrases import Phrase
from omnicrm.mailjet.language.phrases import phrase as _
from omnicrm.mailjet.language.tokens import CLOSINGS, LONGEST, Mistake, Token, Tokens

MAX_DEPTH: Final = 25
"""Parentheses and calls inside one another. Mailjet's own limit is not known; nobody writes so many."""
LOGIC: Final = frozenset({"and", "or", "xor"})
WORD_OPERATORS: Final = LOGIC | {"div", "mod"}
NEGATIONS: Final = frozenset({"not", "!"})
LITERALS: Final = frozenset({"true", "false"})
RESERVED: Final = WORD_OPERATORS | LITERALS | {"not", "in"}
CLOSE: Final = tuple(CLOSINGS.values())
FUNCTIONS: Final = {
    name.lower(): (name, arguments)
    for name, arguments in {
        "Upper": 1,
        "Lower": 1,
        "Capitalize": 1,
        "Round": 2,
        "Int": 1,
        "UrlEncode": 1,
        "Escape": 1,
        "HasOpenedSince": 1,
        "HasClickedSince": 1,
        "FormatNumberLocale": None,
    }.items()
}
"""By the name in lower case: the documented name and the number of arguments, None where it is not documented."""
ALONE: Final = _("a segment can only stand alone in its tag"), _("put one if inside the other")


class Use(NamedTuple):
    """A name that is read. `namespace` is "" for a local."""

    namespace: str
    path: str
    has_default: bool
    offset: int


class Reader:
    """Reads expressions and collects the names they use, and remarks on what is well-formed yet cannot work.

    `bare_default_end` is where the last default ended, if it stood without quotes, else -1.
    """

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.uses: list[Use] = []
        self.remarks: list[Remark] = []
        self.bare_default_end = -1

    def read(self, *, depth: int = 0) -> None:
        """Reads one expression, up to the first token that cannot belong to it. Raises Mistake."""
        may_negate = True
        while True:
            self._operand(may_negate=may_negate, depth=depth)
            if not self._operator_follows():
                return
            may_negate = self.tokens.take().text in LOGIC

    def _operator_follows(self) -> bool:
        token = self.tokens.peek()
        is_trim = token.text == "-" and self.tokens.source.startswith(CLOSE, token.end)
        return not is_trim and (token.kind == "operator" or token.text in WORD_OPERATORS)

    def read_whole(self) -> None:
        """An expression, or a segment alone. Raises Mistake."""
        if self.tokens.peek().kind != "segment":
            return self.read()
        self._use(self.tokens.take())
        after = self.tokens.peek()
        if after.kind != "close":
            raise Mistake(after.start, *ALONE)
        return None

    def read_source(self) -> None:
        """What a loop goes over. Raises Mistake."""
        token = self.tokens.take()
        is_name = token.kind == "name" and token.text not in RESERVED
        if not is_name and not token.text.startswith(("var:", "data:")):
            mend = _("write var:name, data:name or the name of a local")
            raise Mistake(token.start, _("a loop needs a list here"), mend)
        self._use(token)
        if self.uses[-1].has_default:
            what = _("a default does not help a loop: it still fails if %(name)s is missing", name=token.shown)
            self.remarks.append(Remark(token.start, what, _("always send the list, empty if need be"), is_note=True))

    def _operand(self, *, may_negate: bool, depth: int) -> None:
        self._prefixes(may_negate=may_negate)
        token = self.tokens.take()
        if token.kind in ("text", "number") or token.text in LITERALS:
            return
        if token.text == "(":
            self._nested(token, depth)
            self._close_parenthesis()
        elif token.kind == "segment":
            raise Mistake(token.start, *ALONE)
        elif token.kind == "reference":
            self._use(token)
        elif token.kind == "name" and token.text not in RESERVED:
            self._named(token, depth)
        else:
            raise _no_value(token)

    def _prefixes(self, *, may_negate: bool) -> None:
        while (token := self.tokens.peek()).text in NEGATIONS or token.text == "-":
            if token.text == "-":
                may_negate = False
            elif not may_negate:
                mend = _("put parentheses around it: (not …)") if token.text == "not" else _("write (!…)")
                what = _("%(word)s cannot follow an operator that calculates or compares", word=token.text)
                raise Mistake(token.start, what, mend)
            self.tokens.take()

    def _named(self, token: Token, depth: int) -> None:
        if self.tokens.peek().text == "(":
            self._call(token, depth)
        else:
            self._use(token)

    def _call(self, token: Token, depth: int) -> None:
        opening, given = self.tokens.take(), 0
        if self.tokens.peek().text != ")":
            self._nested(opening, depth)
            given = 1
            while self.tokens.take_text(","):
                self._nested(opening, depth)
                given += 1
        self._close_parenthesis()
        self._check_call(token, given)

    def _check_call(self, token: Token, given: int) -> None:
        name, wanted = FUNCTIONS.get(token.text.lower(), ("", None))
        if not name:
            near = difflib.get_close_matches(token.text.lower()[:LONGEST], FUNCTIONS, n=1)
            meant = _("did you mean %(name)s?", name=FUNCTIONS[near[0]][0]) if near else _there_are_functions()
            self.remarks.append(Remark(token.start, _("there is no function %(name)s", name=token.shown), meant))
        elif wanted is None:
            what = _("%(name)s is not documented", name=name)
            mend = _("try it in a message to yourself first")
            self.remarks.append(Remark(token.start, what, mend, is_note=True))
        elif given != wanted:
            mend = _("write %(this)s", this=f"{name}({', '.join(['…'] * wanted)})")
            self.remarks.append(Remark(token.start, _takes(name, wanted, given), mend))

    def _nested(self, opening: Token, depth: int) -> None:
        if depth == MAX_DEPTH:
            what = _("more than %(count)s parentheses inside one another", count=MAX_DEPTH)
            raise Mistake(opening.start, what, _("use set for the parts"))
        self.read(depth=depth + 1)

    def _close_parenthesis(self) -> None:
        if not self.tokens.take_text(")"):
            raise Mistake(self.tokens.peek().start, _("a parenthesis is not closed"), _("write ) before this"))

    def _use(self, token: Token) -> None:
        namespace, colon, path = token.text.partition(":")
        has_default = self.tokens.touches(":")
        if has_default:
            self._default(token)
        use = (namespace, path.strip('"')) if colon else ("", token.text)
        self.uses.append(Use(*use, has_default, token.start))

    def _default(self, owner: Token) -> None:
        colon = self.tokens.take()
        kinds = ("number",) if self.tokens.take_text("-") else ("number", "text", "name")
        if self.tokens.peek().kind in kinds:
            self._check_bare(self.tokens.take())
        elif owner.text in NAMESPACES:
            mend = _("write %(this)s, without spaces", this=f"{owner.text}:name")
            raise Mistake(owner.start, _("no name follows %(namespace)s:", namespace=owner.text), mend)
        else:
            mend = _("write %(this)s or take the colon away", this=f'{owner.text}:""')
            raise Mistake(colon.start, _("a colon without a default"), mend)

    def _check_bare(self, default: Token) -> None:
        self.bare_default_end = default.end if default.kind == "name" else -1
        if default.kind == "name" and self.tokens.touches("/"):
            mend = _('write all of it between quotes: "%(text)s/…"', text=default.text[:LONGEST])
            self.remarks.append(Remark(default.start, _("a default without quotes ends at /"), mend, is_note=True))


def _there_are_functions() -> Phrase:
    return _("there are %(names)s", names=", ".join(name for name, _arguments in FUNCTIONS.values()))


def _takes(name: str, wanted: int, given: int) -> Phrase:
    if wanted == 1:
        return _("%(name)s takes 1 value, %(given)s given", name=name, given=given)
    return _("%(name)s takes %(wanted)s values, %(given)s given", name=name, wanted=wanted, given=given)


def _no_value(token: Token) -> Mistake:
    if token.kind == "close":
        return Mistake(token.start, _("a value is missing here"), _("write one before %(this)s", this=token.text))
    what = _("a value is missing before %(this)s", this=token.shown)
    return Mistake(token.start, what, _('write a name, a number or a "text" there'))
