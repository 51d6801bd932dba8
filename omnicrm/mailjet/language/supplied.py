"""The names under `mj:`, which Mailjet itself supplies."""

import difflib
import re
from typing import Final

from omnicrm.mailjet.language.findings import Remark
from omnicrm.mailjet.language.phrases import phrase as _
from omnicrm.mailjet.language.tokens import LONGEST

_PERSON: Final = ("ID", "email", "local_part", "domain", "name")
_FIXED: Final = frozenset(
    {
        *(f"sender.{part}" for part in _PERSON),
        *(f"template.{part}" for part in ("ID", "name", "copyright")),
        *(f"share_{network}" for network in ("twitter", "google", "facebook", "linkedin")),
        "unsub_link",
    }
)
_OPEN = re.compile(r"contact\.[\w.-]+|unsub_link_[a-z]{2}")
"""A contact's own properties stand beside the fixed parts; the unsubscription page exists in many languages."""
_WITHDRAWN: Final = "permalink"


def remark_on(path: str, *, offset: int) -> Remark | None:
    """What is wrong with the name `mj:path`, or None if Mailjet supplies it."""
    if path in _FIXED or _OPEN.fullmatch(path):
        return None
    if path == _WITHDRAWN:
        return Remark(offset, _("Mailjet withdrew mj:permalink in 2017"), _("take it out"), is_note=True)
    known = sorted(_FIXED | {f"contact.{part}" for part in _PERSON})
    near = difflib.get_close_matches(path[:LONGEST], known, n=1)
    mend = _("did you mean %(name)s?", name=f"mj:{near[0]}") if near else _("write var:name for a variable of your own")
    return Remark(offset, _("Mailjet supplies no %(name)s", name=f"mj:{path[:LONGEST]}"), mend)
