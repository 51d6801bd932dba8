"""Papers that must keep up with the code."""

import re
import tomllib
from pathlib import Path

import pytest

from omnicrm.accounts.roles import PERMISSIONS, Permission, Role

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEPENDENCIES = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
NAMES = sorted({re.split(r"[^\w.-]", dependency, maxsplit=1)[0] for dependency in DEPENDENCIES})


@pytest.mark.parametrize("name", NAMES)
def test_every_dependency_earns_its_place_in_one_line(name: str) -> None:
    paper = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| ([\w-]+, )*{re.escape(name)}(, [\w-]+)* \|( [^|]+ \|)+$", paper, re.MULTILINE)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_lock_files_hold_hashes_and_name_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text


@pytest.mark.parametrize(
    "paper",
    [*sorted(path.relative_to(ROOT) for path in ROOT.glob("docs/**/*.md")), Path("README.md"), Path("README.fr.md")],
    ids=str,
)
def test_every_link_between_papers_and_files_leads_somewhere(paper: Path) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    missing = [target for target in targets if not (ROOT / paper).parent.joinpath(target).exists()]
    assert not missing


def test_every_test_that_the_drills_lean_on_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "drills.md").read_text(encoding="utf-8")))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert {name for name in named if f"def {name}(" not in sources} == set()


SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_the_security_paper_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", SECURITY))
    sources: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):  # a name may be there in several folders
        sources[path.name] = sources.get(path.name, "") + path.read_text(encoding="utf-8")
    assert len(named) > 40
    assert {(file, test) for file, test in named if f"def {test}(" not in sources.get(file, "")} == set()


def test_the_security_paper_names_tests_in_one_form_only() -> None:
    assert not re.findall(r"`test_\w+`", SECURITY)


def test_the_table_of_roles_is_the_one_in_the_code() -> None:
    heading, _line, *rows = re.findall(r"^\| (?:permission|`\w+\.\w+`|-).*$|^\|---.*$", SECURITY, re.MULTILINE)
    roles = [Role(cell.strip()) for cell in heading.split("|")[2:-1]]
    told = {}
    for row in rows:
        if row.startswith("|---"):
            break
        permission, *cells = (cell.strip(" `") for cell in row.split("|")[1:-1])
        told[Permission(permission)] = {role for role, cell in zip(roles, cells, strict=True) if cell == "yes"}
    assert roles == list(Role)
    assert told == {each: {role for role in Role if each in PERMISSIONS[role]} for each in Permission}
