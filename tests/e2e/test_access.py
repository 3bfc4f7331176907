"""The first user, by the link that the first start prints or on the command line, beside a running program."""

import re
import subprocess
import urllib.error
from pathlib import Path

import pytest

from tests.e2e.program import CRYPTOVIZ, Program, cryptoviz, environment
from tests.house import PASSWORD

pytestmark = pytest.mark.slow

LINK = re.compile(r"http://127\.0\.0\.1:\d+/admin#setup=(\S+)")


def typed(password: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that reads a password from standard input."""
    return subprocess.run(
        [CRYPTOVIZ, *arguments],
        env=environment(),
        input=f"{password}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_link_of_the_first_start_makes_the_first_user(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Program(data, "--source", "simulated", pairs="BTC/USD") as program:
        link = LINK.search(program.said)
        assert link, program.said
        made = program.post("admin/setup/", {"token": link[1], "name": "root", "password": PASSWORD})
        assert (made["name"], made["role"]) == ("root", "admin")
        with pytest.raises(urllib.error.HTTPError, match="409"):
            program.post("admin/setup/", {"token": link[1], "name": "eve", "password": PASSWORD})
    with Program(data, "--source", "simulated", pairs="BTC/USD") as program:
        assert not LINK.search(program.said), "there is a user now"
        rows = program.get("admin/audit/")["items"]
        assert [(row["action"], row["outcome"]) for row in rows] == [
            ("POST /api/v1/admin/setup", status) for status in (409, 201)
        ]
        assert PASSWORD not in program.said


def test_the_command_line_makes_users_and_keys_beside_a_running_program(tmp_path: Path) -> None:
    data = tmp_path / "data"
    here = ("--data-dir", str(data))
    with Program(data, "--source", "simulated", pairs="BTC/USD") as program:
        made = typed(PASSWORD, "user", "create", "Ann", "--role", "admin", *here)
        assert made.returncode == 0 and PASSWORD not in made.stdout + made.stderr, made.stderr
        body = {"name": "ann", "password": PASSWORD}
        assert program.post("admin/session/", body)["role"] == "admin"
        assert typed("four tall ships", "user", "set-password", "ann", *here).returncode == 0
        with pytest.raises(urllib.error.HTTPError, match="401"):
            program.post("admin/session/", body)
        key = cryptoviz("api-key", "create", "robot", "--scope", "read", *here).stdout.strip()
        program.key = key  # in place of the one that may do everything
        assert program.get("admin/audit/")["items"][0]["actor"] == "command line"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            program.post("watchlist/", {"pair": "BTC-USD"})
        assert key not in program.said
        listed = cryptoviz("api-key", "list", *here).stdout
        key_id = listed.split()[0]
        assert "robot" in listed and key not in listed and key.startswith(f"cvk_{key_id}_")
        assert cryptoviz("api-key", "revoke", key_id, *here).returncode == 0
        with pytest.raises(urllib.error.HTTPError, match="401"):
            program.get("admin/audit/")
        assert "ann" in cryptoviz("user", "list", *here).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", "no spaces"), 2, "name 'no spaces' cannot be"),
        (("create", "bob", "--role", "king"), 2, "role 'king' is unknown"),
        (("set-role", "bob", "--role", "viewer"), 1, "there is no user 'bob'"),
        (("disable", "ann"), 1, "'ann' is the last admin"),
        (("delete", "ann"), 1, "'ann' is the last admin"),
        (("create", "ann"), 1, "there is a user 'ann' already"),
    ],
)
def test_what_the_command_line_refuses_it_says_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    here = ("--data-dir", str(tmp_path))
    assert typed(PASSWORD, "user", "create", "ann", "--role", "admin", *here).returncode == 0
    refused = typed(PASSWORD, "user", *arguments, *here)
    assert refused.returncode == code and refused.stderr.startswith(f"cryptoviz: {said}"), refused.stderr


def test_nobody_else_may_read_the_houses_files(tmp_path: Path) -> None:
    assert typed(PASSWORD, "user", "create", "ann", "--data-dir", str(tmp_path / "data")).returncode == 0
    for file in (tmp_path / "data").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
