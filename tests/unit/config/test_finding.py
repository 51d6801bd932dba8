from collections.abc import Iterator
from pathlib import Path

import pytest

from omnicrm.config import ConfigNotFound, current_config, find_config


def test_the_option_comes_before_the_variable_and_the_current_directory(tmp_path: Path) -> None:
    (tmp_path / "crm_config.yaml").touch()
    environ = {"OMNICRM_CONFIG": "/etc/omnicrm.yaml"}
    assert find_config(Path("/srv/a.yaml"), environ=environ, cwd=tmp_path) == Path("/srv/a.yaml")
    assert find_config(None, environ=environ, cwd=tmp_path) == Path("/etc/omnicrm.yaml")
    assert find_config(None, environ={"OMNICRM_CONFIG": ""}, cwd=tmp_path) == tmp_path / "crm_config.yaml"


def test_a_relative_variable_counts_from_the_current_directory(tmp_path: Path) -> None:
    assert find_config(None, environ={"OMNICRM_CONFIG": "a.yaml"}, cwd=tmp_path) == tmp_path / "a.yaml"


def test_a_named_file_is_taken_even_if_it_is_missing(tmp_path: Path) -> None:
    (tmp_path / "crm_config.yaml").touch()
    assert find_config(tmp_path / "absent.yaml", environ={}, cwd=tmp_path) == tmp_path / "absent.yaml"


def test_without_any_file_the_three_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigNotFound) as caught:
        find_config(None, environ={}, cwd=tmp_path)
    assert all(place in str(caught.value) for place in ("--config", "$OMNICRM_CONFIG", "crm_config.yaml"))
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def fresh_process() -> Iterator[None]:
    """As if nothing had asked for the configuration yet; whatever the other tests use comes back afterwards."""
    current_config.cache_clear()
    yield
    current_config.cache_clear()


@pytest.mark.usefixtures("fresh_process")
def test_the_process_reads_its_configuration_once(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config_file.write_text("mailjet: {api_key: k, api_secret: s}")
    monkeypatch.setenv("OMNICRM_CONFIG", str(config_file))
    config = current_config()
    config_file.write_text("mailjet: {api_key: other, api_secret: s}")
    assert current_config() is config
