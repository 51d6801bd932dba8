"""Lists of the REST API: the envelope, paging, sorting and filters, with Mailjet's surprises."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from mailjet_sandbox.errors import rest_error
from mailjet_sandbox.http import Request, Response, json_response
from mailjet_sandbox.sandbox import Sandbox

Row = TypeVar("Row")
Params = Mapping[str, str]
"""Query parameters by lower-case name: Mailjet does not mind the case."""
Test: TypeAlias = Callable[[Row, str, Params], bool]
"""`test(row, value, params)`: whether the row passes a filter with this value."""

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000
MAX_DIGITS = 20
PAGING = frozenset({"limit", "offset", "sort", "countonly", "countrecords"})
TRUE = frozenset({"1", "true"})


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """How one resource is listed. `filters` and `options` (parameters that are no filters) are named in lower case."""

    view: Callable[[Row, Params], dict[str, Any]]
    filters: Mapping[str, Test[Row]] = field(default_factory=dict)
    options: frozenset[str] = frozenset()

    def answer(self, sandbox: Sandbox, request: Request, rows: Iterable[Row]) -> Response:
        """The page that the request asks for, out of rows given by ascending ID."""
        params = query_params(request)
        try:
            self._check_names(params, strict=sandbox.settings.strict_filters)
            matching = [row for row in rows if self._passes(row, params)]
            return json_response(self._page(matching, params))
        except ValueError as error:
            return rest_error(400, str(error))

    def _check_names(self, params: Params, *, strict: bool) -> None:
        unknown = sorted(params.keys() - self.filters.keys() - self.options - PAGING)
        if strict and unknown:
            raise ValueError(f'Unknown filter "{unknown[0]}": Mailjet would ignore it and return all rows')

    def _passes(self, row: Row, params: Params) -> bool:
        return all(self.filters[name](row, value, params) for name, value in params.items() if name in self.filters)

    def _page(self, rows: Sequence[Row], params: Params) -> dict[str, Any]:
        if params.get("countonly", "").lower() in TRUE:
            return {"Count": len(rows), "Data": [], "Total": len(rows)}
        offset, limit = whole_number(params, "offset", 0), whole_number(params, "limit", DEFAULT_LIMIT)
        page = self._sorted(rows, params)[offset : offset + (min(limit, MAX_LIMIT) or MAX_LIMIT)]
        total = len(rows) if params.get("countrecords", "").lower() in TRUE else len(page)
        return {"Count": len(page), "Data": [self.view(row, params) for row in page], "Total": total}

    def _sorted(self, rows: Sequence[Row], params: Params) -> Sequence[Row]:
        if not rows or "sort" not in params:
            return rows
        words = params["sort"].split(" ")
        name = next(
            (key for key, value in self.view(rows[0], params).items() if _is_sort_key(key, value, words[0])), None
        )
        if name is None or len(words) > 2 or words[1:] not in ([], ["ASC"], ["DESC"]):
            raise ValueError(f"Unexpected error during GET: Invalid sort specification: {params['sort']}")
        return sorted(rows, key=lambda row: self.view(row, params)[name], reverse=words[-1] == "DESC")


def _is_sort_key(key: str, value: object, wanted: str) -> bool:
    return key.lower() == wanted.lower() and isinstance(value, str | int | float)


def query_params(request: Request) -> Params:
    params: dict[str, str] = {}
    for name, value in request.query.items():
        params.setdefault(name.lower(), value)
    return params


def whole_number(params: Params, name: str, default: int) -> int:
    text = params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f'Invalid value "{text}" for {name}: a whole number is needed')
    return int(text)


def row_id(key: str) -> int | None:
    """The number that a path segment is, or None."""
    return int(key) if key.isascii() and key.isdecimal() and len(key) < MAX_DIGITS else None


def enveloped(*rows: Mapping[str, Any], status: int = 200) -> Response:
    """Mailjet's envelope, also around a single object."""
    return json_response({"Count": len(rows), "Data": list(rows), "Total": len(rows)}, status=status)


def exact(read: Callable[[Row], object]) -> Test[Row]:
    """A filter on a number, a word or a flag. A comma separates alternatives."""

    def test(row: Row, value: str, _: Params) -> bool:
        return str(read(row)).lower() in {word.strip().lower() for word in value.split(",")}

    return test


def text_filters(name: str, read: Callable[[Row], str]) -> dict[str, Test[Row]]:
    """The filter X with its variants XCI, XLike, XLLike (prefix), XRLike (suffix), each of these with CI too."""
    comparisons: dict[str, Callable[[str, str], bool]] = {
        "": str.__eq__,
        "like": lambda text, part: part in text,
        "llike": str.startswith,
        "rlike": str.endswith,
    }
    filters: dict[str, Test[Row]] = {}
    for suffix, compare in comparisons.items():
        filters[f"{name.lower()}{suffix}"] = _text_test(read, compare, fold=False)
        filters[f"{name.lower()}{suffix}ci"] = _text_test(read, compare, fold=True)
    return filters


def _text_test(read: Callable[[Row], str], compare: Callable[[str, str], bool], *, fold: bool) -> Test[Row]:
    def test(row: Row, value: str, _: Params) -> bool:
        text = read(row)
        return compare(text.casefold(), value.casefold()) if fold else compare(text, value)

    return test
