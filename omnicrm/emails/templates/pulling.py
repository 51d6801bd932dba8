"""From Mailjet to here."""

from collections.abc import Mapping
from pathlib import Path

from omnicrm.emails.designs import InvalidDesign
from omnicrm.emails.models import Drift
from omnicrm.emails.templates.account import Remote
from omnicrm.emails.templates.comparing import Comparison
from omnicrm.emails.templates.folder import compile_own, write_local
from omnicrm.emails.templates.parts import Parts
from omnicrm.emails.templates.targets import Target


def why_nothing(comparison: Comparison) -> str:
    """Why there is nothing at Mailjet to pull, in one line, or ""."""
    target, remote = comparison.target, comparison.remote
    if remote is None:
        return f"{target}: Mailjet has no template {target.template_id} for this key"
    return f"{target}: template {remote.info.id} is empty; publish it in Mailjet first" if remote.is_empty else ""


def pull(target: Target, remote: Remote, *, ours: Parts, folder: Path) -> list[Path]:
    """Writes Mailjet's template into the operator's own designs; returns the files. `ours` is our design's parts.

    Raises InvalidDesign, with nothing written, for content that could not be pushed back.
    """
    return write_local(target, _files(remote, ours), folder=folder)


def is_worth_it(comparison: Comparison, *, force: bool) -> bool:
    """Whether Mailjet has something that we do not have; with `force`, also where only ours has changed."""
    if why_nothing(comparison) or comparison.drift is Drift.SAME:
        return False
    return force or comparison.drift is not Drift.CHANGED_HERE


def obstacle(comparison: Comparison, *, force: bool) -> str:
    """Why a pull must not touch the files, in one line, or ""."""
    is_ours = comparison.local.file and comparison.drift in (Drift.CHANGED_HERE, Drift.CONFLICT, Drift.NEVER_PUSHED)
    if is_ours and not force:
        return f"{comparison.local.file} has changes that were never pushed; push them, or overwrite them with --force"
    return ""


def _files(remote: Remote, ours: Parts) -> Mapping[str, str]:
    html, text, mjml = remote.content.html or "", remote.content.text or "", remote.content.mjml
    if isinstance(mjml, str) and mjml.strip() and not _html_went_its_own_way(remote.parts, ours):
        derived = compile_own(mjml, name=f"template {remote.info.id}").text
        return {".mjml": mjml} | ({".txt": text} if text.strip() and text.strip() != derived.strip() else {})
    if not html.strip():
        raise InvalidDesign(f"template {remote.info.id} has no HTML; save it in Mailjet, which makes it")
    return {".html": html} | ({".txt": text} if text.strip() else {})


def _html_went_its_own_way(theirs: Parts, ours: Parts) -> bool:
    """Somebody edited the HTML and not the MJML that it was made of: the HTML is what Mailjet sends."""
    return theirs.get("mjml") == ours.get("mjml") and theirs.get("html") != ours.get("html")
