"""Our design against Mailjet's template, and both against what they were when last in step."""

from collections.abc import Collection
from dataclasses import dataclass

from omnicrm.emails.models import Drift, KnownTemplate
from omnicrm.emails.templates.account import Remote
from omnicrm.emails.templates.folder import Local
from omnicrm.emails.templates.parts import PROPERTIES, Parts, different_parts, digest, parts_of_design, unified_diff
from omnicrm.emails.templates.targets import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """`different` names the parts that a push would change; `remote` is None where Mailjet has no such template.

    `drift` is of what the templates say. It is MISSING only where there is none under our name either.
    """

    target: Target
    local: Local
    remote: Remote | None
    drift: Drift
    different: tuple[str, ...]

    @property
    def template_id(self) -> int:
        """The template's number at Mailjet, or the one in the configuration where there is no template."""
        return self.remote.info.id if self.remote else self.target.template_id

    @property
    def parts(self) -> Parts:
        return parts_of_design(self.target, self.local.design)

    @property
    def has_lost_its_number(self) -> bool:
        """The template is at Mailjet under our name, and the configuration names another number."""
        return self.template_id != self.target.template_id

    @property
    def state(self) -> Drift:
        """How the number in the configuration stands: that is what messages are sent with."""
        return Drift.MISSING if self.has_lost_its_number else self.drift

    def diff_of_push(self) -> str:
        """What a push would do to Mailjet's template, as `diff -u` shows it."""
        return unified_diff(self._theirs, self.parts, self.different, title=str(self.target))

    def diff_of_pull(self) -> str:
        """What a pull would do to our design, as `diff -u` shows it."""
        return unified_diff(self.parts, self._theirs, self.different, title=str(self.target))

    @property
    def _theirs(self) -> Parts:
        return self.remote.parts if self.remote else {}


def compare(target: Target, local: Local, remote: Remote | None, known: KnownTemplate | None) -> Comparison:
    """`known` is what is remembered of the template under its number at Mailjet."""
    parts = parts_of_design(target, local.design)
    different = different_parts(parts, remote.parts if remote else {})
    drift = _drift(parts, remote, known, different)
    return Comparison(
        target=target,
        local=local,
        remote=remote,
        drift=drift,
        different=() if drift is Drift.SAME else different,
    )


def _drift(parts: Parts, remote: Remote | None, known: KnownTemplate | None, different: Collection[str]) -> Drift:
    if remote is None:
        return Drift.MISSING
    if not different:
        return Drift.SAME
    if known is None or not known.local_digest:
        is_theirs_lost = any(remote.parts.get(name) for name in different if name not in PROPERTIES)
        return Drift.NEVER_PUSHED if is_theirs_lost else Drift.CHANGED_HERE
    # Mailjet may write what it was given in a way of its own: each side is held against its own past.
    is_changed, is_edited = digest(parts) != known.local_digest, digest(remote.parts) != known.mailjet_digest
    if is_changed:
        return Drift.CONFLICT if is_edited else Drift.CHANGED_HERE
    return Drift.EDITED_IN_MAILJET if is_edited else Drift.SAME
