"""pull: what was edited in Mailjet becomes a file here."""

from mailjet_sandbox.control import SandboxControl
from omnicrm.emails.designs import DESIGNS
from tests.integration.templates.conftest import RESET, Mailjet, Operator, number_of

MJML = """<mjml lang="fr"><mj-body><mj-section><mj-column>
<mj-text>{{var:user_name:""}} <a href='{{var:reset_url:""}}'>Suivre ce lien</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def packaged() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in DESIGNS.iterdir()}


def test_edited_mjml_becomes_an_own_design(pushed: Operator, mailjet: Mailjet) -> None:
    before = packaged()
    text = 'Bonjour {{var:user_name:""}}, {{var:reset_url:""}}'
    mailjet.edit(number_of(RESET), mjml=MJML, html="<p>as Mailjet compiled it</p>", text=text)
    assert pushed.run("pull").status == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in pushed.folder.iterdir()} == {
        f"{RESET}.fr.mjml": MJML,
        f"{RESET}.fr.txt": text,
    }
    assert packaged() == before


def test_what_was_pulled_is_in_step(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), mjml=MJML, html="<p>as Mailjet compiled it</p>")
    pushed.run("pull")
    assert pushed.run("diff").status == 0
    assert "nothing to push" in pushed.run("push").out
    assert "nothing to pull" in pushed.run("pull").out


def test_html_that_was_edited_apart_from_its_mjml_becomes_html(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), html="<p>Edited</p>")
    pushed.run("pull")
    assert (pushed.folder / f"{RESET}.fr.html").read_text(encoding="utf-8") == "<p>Edited</p>"
    assert not (pushed.folder / f"{RESET}.fr.mjml").exists()


def test_the_drag_and_drop_editors_tree_is_taken_as_its_html(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), mjml={"tagName": "mjml", "children": []}, html="<p>Built</p>")
    pushed.run("pull")
    assert (pushed.folder / f"{RESET}.fr.html").read_text(encoding="utf-8") == "<p>Built</p>"


def test_a_template_made_by_hand_can_be_taken_over(operator: Operator, mailjet: Mailjet) -> None:
    number = mailjet.create("ours", html='<p>{{var:reset_url:""}}</p>', text='{{var:reset_url:""}}')
    operator.reconfigure("template_id: 5977511", f"template_id: {number}")
    ended = operator.run("pull", "--section", RESET)
    assert ended.status == 0
    assert str(operator.folder / f"{RESET}.fr.html") in ended.out
    assert operator.run("diff", "--section", RESET).status == 0


def test_own_changes_are_not_overwritten(pushed: Operator, mailjet: Mailjet) -> None:
    path = pushed.write_design(f"{RESET}.fr.mjml", MJML)
    mailjet.edit(number_of(RESET), html="<p>Edited</p>")
    ended = pushed.run("pull")
    assert ended.status == 1
    assert f"{path} has changes that were never pushed" in ended.error
    assert path.read_text(encoding="utf-8") == MJML


def test_force_overwrites_own_changes(pushed: Operator, mailjet: Mailjet) -> None:
    path = pushed.write_design(f"{RESET}.fr.mjml", MJML)
    mailjet.edit(number_of(RESET), html="<p>Edited</p>")
    pushed.run("push", "--force")
    mailjet.edit(number_of(RESET), html="<p>Edited again</p>")
    assert pushed.run("pull", "--force").status == 0
    assert not path.exists()
    assert path.with_suffix(".html").read_text(encoding="utf-8") == "<p>Edited again</p>"


def test_a_link_in_the_folder_leads_no_write_elsewhere(pushed: Operator, mailjet: Mailjet) -> None:
    elsewhere = pushed.home / "precious"
    elsewhere.write_text("precious", encoding="utf-8")
    pushed.folder.mkdir()
    (pushed.folder / f"{RESET}.fr.html").symlink_to(elsewhere)
    mailjet.edit(number_of(RESET), html="<p>Edited</p>")
    pushed.run("pull", "--force")
    assert elsewhere.read_text(encoding="utf-8") == "precious"


def test_what_is_not_at_mailjet_is_told(pushed: Operator, empty_mailjet: SandboxControl, mailjet: Mailjet) -> None:
    empty_mailjet.remove_template(number_of(RESET))
    assert f"Mailjet has no template {number_of(RESET)} for this key" in pushed.run("pull").out
    assert not pushed.folder.exists()


def test_mjml_that_would_not_compile_here_is_refused_whole(pushed: Operator, mailjet: Mailjet) -> None:
    mailjet.edit(number_of(RESET), mjml='<mjml><mj-body>\n<mj-include path="footer.mjml" /></mj-body></mjml>')
    ended = pushed.run("pull")
    assert ended.error.endswith(":2: mj-include is not supported; put what it includes in its place")
    assert list(pushed.home.glob("email_templates/*")) == []
