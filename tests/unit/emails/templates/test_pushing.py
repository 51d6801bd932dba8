"""What a push must leave alone, and what it says then."""

from omnicrm.emails.designs import Design
from omnicrm.emails.models import Drift
from omnicrm.emails.templates.account import Remote
from omnicrm.emails.templates.comparing import compare
from omnicrm.emails.templates.folder import Local
from omnicrm.emails.templates.parts import parts_of_design
from omnicrm.emails.templates.pushing import obstacle
from omnicrm.mailjet.templates import EditMode
from tests.unit.emails.templates.conftest import GOOD_HTML, GOOD_TEXT, remote, target

LOCAL = Local(design=Design(html=GOOD_HTML, text=GOOD_TEXT, mjml=""), source=GOOD_HTML, file=None)


def obstacle_at(theirs: Remote | None, *, force: bool = False) -> str:
    return obstacle(compare(target(), LOCAL, theirs, None), force=force)


def test_a_new_template_has_no_obstacle() -> None:
    assert obstacle_at(None) == ""


def test_mailjets_own_gallery_is_never_written_even_by_force() -> None:
    assert "gallery" in obstacle_at(remote("<p>Theirs</p>", owner="global"), force=True)


def test_a_saved_section_is_never_written_even_by_force() -> None:
    assert "saved section" in obstacle_at(remote("<p>Theirs</p>", edit_mode=EditMode.SECTION), force=True)


def test_what_was_never_pushed_is_written_by_force_only() -> None:
    theirs = remote("<p>Theirs</p>")
    assert "never pushed from here" in obstacle_at(theirs)
    assert obstacle_at(theirs, force=True) == ""


def test_what_only_adds_to_a_template_is_no_loss_to_it() -> None:
    without_text = remote(GOOD_HTML, None)
    assert compare(target(), LOCAL, without_text, None).different == ("text", "From", "Subject")
    assert obstacle_at(without_text) == ""


def test_parts_we_do_not_have_make_no_difference() -> None:
    mine = parts_of_design(target(), LOCAL.design)
    theirs = remote(mjml="<mjml></mjml>")
    theirs = Remote(info=theirs.info, content=theirs.content, parts={**theirs.parts, **mine})
    assert compare(target(), LOCAL, theirs, None).drift is Drift.SAME


def test_a_sender_with_quotes_in_its_name_is_one_address() -> None:
    assert parts_of_design(target(), LOCAL.design)["From"] == r'"Ann \"A\" Lee" <noreply@example.com>'
