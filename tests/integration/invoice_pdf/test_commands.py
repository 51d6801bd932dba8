"""`omnicrm invoices preview` and what `omnicrm check` says of the template."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from omnicrm.config import Config
from omnicrm.invoices.template_choice import FOLDER
from omnicrm.ops.contract import contract_mistakes
from tests.integration.invoice_pdf.conftest import texts


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def preview(*words: str, **options: Any) -> tuple[Path, list[str]]:
    """Where the PDF is, and its pages."""
    out = StringIO()
    call_command("invoices", "preview", *words, stdout=out, **options)
    path = Path(out.getvalue().strip())
    return path, texts(path.read_bytes())


def test_a_preview_is_of_the_configured_template_in_the_company_s_language(tmp_path: Path) -> None:
    path, (page,) = preview()
    assert path == tmp_path / "invoice-preview.pdf"
    assert "Facture INV-2026-000042" in page


def test_a_preview_shows_an_author_s_file_as_asked(tmp_path: Path) -> None:
    (tmp_path / "own.html").write_text("<p>{{ language }} {{ kind }} {{ lines|length }} {{ company.name }}")
    path, (page,) = preview("own.html", "--language", "en", "--kind", "credit_note", "--lines", "3", "--out", "x.pdf")
    assert path == tmp_path / "x.pdf"
    assert page == "en credit_note 3 Votre Entreprise"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.html"], "there is no file nothing.html"),
        (["own.html"], "own.html:2: there is no nobody"),
        (["--out", "nowhere/x.pdf"], "x.pdf cannot be written: No such file or directory"),
        (["--lines", "0"], "0 is not a number of lines; write 1 to 10000"),
        (["--lines", "many"], "many is not a number of lines; write 1 to 10000"),
    ],
    ids=["no file", "mistake", "no folder", "no lines", "no number"],
)
def test_a_preview_that_cannot_be_says_why_and_leaves_nothing(tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "own.html").write_text("\n{{ nobody }}")
    with pytest.raises(CommandError) as error:
        preview(*words)
    assert said in str(error.value)
    assert list(tmp_path.glob("*.pdf")) == []


def configured(filename: str) -> Config:
    mailjet = {"api_key": "a", "api_secret": "b"}
    return Config.model_validate({"mailjet": mailjet, "invoice": {"template_filename": filename}})


def test_a_check_tells_of_a_broken_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "own.html").write_text("\n\n{{ client.nme }}")
    (tmp_path / "crm_config.yaml").touch()
    monkeypatch.setenv("OMNICRM_CONFIG", str(tmp_path / "crm_config.yaml"))
    assert contract_mistakes(configured("own.html")) == [
        f"{tmp_path / FOLDER / 'own.html'}:3: there is no nme; did you mean name?"
    ]
    assert contract_mistakes(configured("invoice.html")) == []
    (mistake,) = contract_mistakes(configured("nothing.html"))
    assert mistake.startswith(f"there is no nothing.html in {tmp_path / FOLDER} or ")
