"""Which files a template may ask for: its own, and the packaged ones behind them."""

from pathlib import Path

import pytest

from omnicrm.config import Config, config_path, current_config
from omnicrm.invoices.template_choice import FOLDER, configured_template, template_at, template_of
from omnicrm.invoices.template_files import LARGEST_BYTES, PACKAGED, InvalidTemplate, Template


@pytest.fixture
def template(tmp_path: Path) -> Template:
    """Of the operator's folder, with the packaged ones behind."""
    own = tmp_path / FOLDER
    own.mkdir()
    return Template(folders=(own, PACKAGED), name="invoice.html")


def own(template: Template) -> Path:
    return template.folders[0]


def test_the_operator_s_file_comes_before_the_packaged_one(template: Template) -> None:
    (own(template) / "invoice.css").write_text("body { color: red }")
    assert template.text("invoice.css") == "body { color: red }"
    assert template.path == PACKAGED / "invoice.html"


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../secret.txt", "fonts/../../secret.txt", "a\0b"],
    ids=["none", "root", "up", "in", "nul"],
)
def test_a_name_that_leaves_the_folders_is_refused(template: Template, name: str) -> None:
    (own(template).parent / "secret.txt").write_text("secret")
    with pytest.raises(InvalidTemplate, match="is not the name of a file in"):
        template.read(name)


def test_a_link_out_of_the_folder_is_refused(template: Template) -> None:
    secret = own(template).parent / "secret.txt"
    secret.write_text("secret")
    (own(template) / "logo.png").symlink_to(secret)
    with pytest.raises(InvalidTemplate, match=r"logo.png is a link out of .*; put the file itself there"):
        template.read("logo.png")


def test_a_linked_folder_is_no_way_out_either(template: Template) -> None:
    (own(template) / "up").symlink_to(own(template).parent)
    (own(template).parent / "secret.txt").write_text("secret")
    with pytest.raises(InvalidTemplate, match="is a link out of"):
        template.read("up/secret.txt")


def test_a_link_within_the_folder_is_followed(template: Template) -> None:
    (own(template) / "..2026").mkdir()
    (own(template) / "..2026" / "invoice.css").write_text("mounted")
    (own(template) / "invoice.css").symlink_to("..2026/invoice.css")
    assert template.text("invoice.css") == "mounted"


def test_what_cannot_be_had_is_told_with_where_it_was_looked_for(template: Template) -> None:
    with pytest.raises(InvalidTemplate) as error:
        template.read("nothing.png")
    assert str(error.value) == f"there is no nothing.png in {own(template)} or {PACKAGED}"


def test_a_file_that_is_not_utf_8_is_refused_with_the_mend(template: Template) -> None:
    (own(template) / "invoice.html").write_bytes("é".encode("latin-1"))
    with pytest.raises(InvalidTemplate, match=r"invoice.html is not UTF-8 text; save it as UTF-8"):
        template.text("invoice.html")


def test_a_huge_file_is_not_read(template: Template) -> None:
    with (own(template) / "logo.png").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(InvalidTemplate, match=r"logo.png is larger than 10 MB"):
        template.read("logo.png")


def test_the_logo_is_found_by_its_name(template: Template) -> None:
    assert template.logo == ""
    (own(template) / "logo.jpg").touch()
    assert template.logo == "logo.jpg"
    (own(template) / "logo.svg").touch()
    assert template.logo == "logo.svg"


def test_the_place_of_words_is_a_file_and_a_line(template: Template) -> None:
    (own(template) / "invoice.css").write_text("a\nb { background: url(x.png) }")
    assert template.place_of("x.png") == f"{own(template) / 'invoice.css'}:2"
    (own(template) / "invoice.html").write_text("<img src=x.png>")
    assert template.place_of("x.png") == f"{own(template) / 'invoice.html'}:1"
    assert template.place_of("nowhere to be found") == str(own(template) / "invoice.html")


def test_the_configured_template_is_looked_for_beside_the_config() -> None:
    named = Config.model_validate(
        {"mailjet": {"api_key": "a", "api_secret": "b"}, "invoice": {"template_filename": "own.html"}}
    )
    assert template_of(named).name == "own.html"
    assert template_of(current_config()) == configured_template()
    assert configured_template().folders == (config_path().resolve().parent / FOLDER, PACKAGED)


def test_a_template_by_its_path_has_the_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.html").touch()
    assert template_at(tmp_path / "own.html").folders == (tmp_path, PACKAGED)
    with pytest.raises(InvalidTemplate, match="there is no file"):
        template_at(tmp_path / "nothing.html")


def test_every_packaged_font_has_its_licence() -> None:
    fonts = [path.stem.partition("-")[0] for path in (PACKAGED / "fonts").glob("*.ttf")]
    assert fonts
    assert {f"{name}-LICENSE.txt" for name in fonts} <= {path.name for path in (PACKAGED / "fonts").iterdir()}
