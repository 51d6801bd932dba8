"""Where names get their values: `var:`, `data:`, `mj:`, `segment:`, and the locals of `set` and `for`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mailjet_sandbox.language.syntax import Reference

UNDEFINED: Final = object()
LINK: Final = "https://mailjet.invalid"
"""Stands before the links that only Mailjet can make. `.invalid` leads nowhere, on purpose (RFC 2606)."""
NETWORKS: Final = frozenset({"twitter", "google", "facebook", "linkedin"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """`contact` and `sender` hold ID, email and name; `contact` its properties too. `locals` change while rendering."""

    variables: Mapping[str, object]
    contact: Mapping[str, object]
    sender: Mapping[str, object]
    template: Mapping[str, object]
    now: datetime
    locals: dict[str, object] = field(default_factory=dict)

    def find(self, reference: Reference) -> object:
        """The value, or UNDEFINED. The default is not looked at. A null counts as undefined: Mailjet takes none."""
        match reference.namespace:
            case "var":
                return _descend(self.variables, reference.path)
            case "data":
                return _descend(self.contact, reference.path)
            case "mj":
                return self._built_in(reference.path)
            case "segment":
                segments = self.contact.get("segments", ())
                return isinstance(segments, Collection) and ".".join(reference.path) in segments
            case "":
                return _descend(self.locals, reference.path)

    def _built_in(self, path: tuple[str, ...]) -> object:
        head, *rest = path
        match head:
            case "contact":
                return _descend({"data": self.contact, **_with_address_parts(self.contact)}, rest)
            case "sender":
                return _descend(_with_address_parts(self.sender), rest)
            case "template":
                return _descend(self.template, rest)
        return UNDEFINED if rest else _link(head)


def _descend(value: object, path: Collection[str]) -> object:
    for name in path:
        if not isinstance(value, Mapping) or value.get(name) is None:
            return UNDEFINED
        value = value[name]
    return value


def _with_address_parts(person: Mapping[str, object]) -> Mapping[str, object]:
    local_part, _, domain = str(person.get("email", "")).rpartition("@")
    return {"local_part": local_part, "domain": domain, **person}


def _link(name: str) -> object:
    word, _, suffix = name.partition("_")
    if name == "permalink":
        return f"{LINK}/permalink"
    if name == "unsub_link":
        return f"{LINK}/unsubscribe"
    if language := _language(name):
        return f"{LINK}/unsubscribe/{language}"
    return f"{LINK}/share/{suffix}" if word == "share" and suffix in NETWORKS else UNDEFINED


def _language(name: str) -> str:
    code = name.removeprefix("unsub_link_")
    return code if code != name and len(code) == 2 and code.isascii() and code.isalpha() else ""
