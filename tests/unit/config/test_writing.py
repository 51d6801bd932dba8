"""Template numbers go back into the file, and nothing else in it changes."""

import stat
from pathlib import Path

import pytest

from omnicrm.config import ConfigError
from omnicrm.config.writing import TemplateSlot, write_template_ids

FILE = """\
# Ours, since 2019: ask before you change it
mailjet:   # the account
    api_key: "k"   # public
    api_secret: s
    api_crmCommunicationCustomerWelcome:
        from_email: support@yourcompany.com
        from_name: "Support — Votre Entreprise"
        template_id: 5977509      # made in the builder
        subject: 'Bienvenue'
        languages: {en: {template_id: "5977599", subject: Welcome}}
api_crmCommunicationUserWelcome:
  from_email: admin@yourcompany.com
  from_name: Admin
  template_id: 12
  subject: Bienvenue
"""
WELCOME = "api_crmCommunicationCustomerWelcome"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "crm_config.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_only_the_digits_change(path: Path) -> None:
    write_template_ids(path, {TemplateSlot(WELCOME): 7, TemplateSlot(WELCOME, "en"): 1234567890})
    expected = FILE.replace("template_id: 5977509 ", "template_id: 7 ").replace('"5977599"', "1234567890")
    assert path.read_text(encoding="utf-8") == expected


def test_a_section_at_top_level_is_found(path: Path) -> None:
    write_template_ids(path, {TemplateSlot("api_crmCommunicationUserWelcome"): 99})
    assert path.read_text(encoding="utf-8") == FILE.replace("template_id: 12", "template_id: 99")


def test_windows_line_ends_stay(path: Path) -> None:
    path.write_bytes(FILE.replace("\n", "\r\n").encode())
    write_template_ids(path, {TemplateSlot(WELCOME): 7})
    assert path.read_bytes() == FILE.replace("5977509", "7").replace("\n", "\r\n").encode()


def test_the_files_permissions_stay(path: Path) -> None:
    path.chmod(0o640)
    write_template_ids(path, {TemplateSlot(WELCOME): 7})
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_slot_that_is_not_there_changes_nothing(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"languages\.fr has no template_id"):
        write_template_ids(path, {TemplateSlot(WELCOME): 7, TemplateSlot(WELCOME, "fr"): 8})
    assert path.read_text(encoding="utf-8") == FILE
    assert list(path.parent.iterdir()) == [path]
