from collections.abc import Callable

import pytest
from psycopg.conninfo import conninfo_to_dict

from omnicrm.config import Config, Database

Load = Callable[[str], Config]
Mistakes = Callable[[str], list[str]]


def database(load: Load, text: str) -> Database:
    found = load(f"database: {text}\n").database
    assert found is not None
    return found


def test_a_url_and_a_mapping_mean_the_same(load_with_account: Load) -> None:
    url = database(load_with_account, "postgresql://omni:p%40ss@db.example.com:6432/crm?sslmode=require")
    mapping = database(
        load_with_account,
        "{host: db.example.com, port: 6432, name: crm, user: omni, password: p@ss, sslmode: require}",
    )
    assert url == mapping
    assert conninfo_to_dict(url.conninfo()) == {
        "host": "db.example.com",
        "port": "6432",
        "dbname": "crm",
        "user": "omni",
        "password": "p@ss",
        "sslmode": "require",
    }


def test_several_servers_and_other_libpq_parameters_reach_libpq(load_with_account: Load) -> None:
    url = "postgresql://omni@db1,db2:5433/crm?target_session_attrs=read-write&options=-c%20jit%3Doff"
    assert conninfo_to_dict(database(load_with_account, url).conninfo()) == {
        "host": "db1,db2",
        "port": ",5433",
        "dbname": "crm",
        "user": "omni",
        "sslmode": "prefer",
        "target_session_attrs": "read-write",
        "options": "-c jit=off",
    }


@pytest.mark.parametrize("password", ["it's", 'a"b', "back\\slash", "with space", "päss"])
def test_any_password_reaches_libpq_unchanged(load_with_account: Load, password: str) -> None:
    quoted = password.replace("'", "''")
    conninfo = database(load_with_account, f"{{host: h, name: n, user: u, password: '{quoted}'}}").conninfo()
    assert conninfo_to_dict(conninfo)["password"] == password


@pytest.mark.parametrize(
    "url",
    ["mysql://u:hunter2@h/d", "postgresql://u:hunter2%zz@h/d", "postgresql://u:hunter2@h/d?nonsense=1", "hunter2"],
)
def test_another_address_is_refused_without_showing_it(mistakes_after_account: Mistakes, url: str) -> None:
    [mistake] = mistakes_after_account(f"database: {url}\n")
    assert mistake.startswith("2: database: is not the address of a PostgreSQL database; write postgresql://")
    assert "hunter2" not in mistake


def test_what_a_url_lacks_is_named(mistakes_after_account: Mistakes) -> None:
    assert mistakes_after_account("database: postgresql://h\n") == [
        "2: database.name: is missing; write the name of the database",
        "2: database.user: is missing; write the role that owns the database",
    ]


@pytest.mark.parametrize("port", ["0", "65536", "abc", "-1"])
def test_a_port_out_of_range_is_refused(mistakes_after_account: Mistakes, port: str) -> None:
    assert mistakes_after_account(f"database: {{host: h, port: '{port}', name: n, user: u}}\n") == [
        f'2: database.port: "{port}" is not a port; write a number from 1 to 65535'
    ]
