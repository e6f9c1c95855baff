"""The command line: exit codes, messages, and what a newcomer meets first."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from targeting.project.template import copy_template

Outcome = tuple[int, str, str]


@pytest.fixture
def district(tmp_path: Path) -> Path:
    copy_template(tmp_path)
    return tmp_path


def test_a_sound_district_is_said_to_be_so(targeting: Callable[..., Outcome], district: Path) -> None:
    code, out, _ = targeting("--project", district, "check", "--json")
    assert code == 0
    assert json.loads(out)["sources"] == 15


def test_a_typo_in_a_declaration_ends_with_code_2_the_file_and_what_exists(
    targeting: Callable[..., Outcome], district: Path
) -> None:
    path = district / "models" / "escalation.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("cohort =", "cohrt ="), encoding="utf-8")
    code, out, err = targeting("--project", district, "check")
    assert (code, out) == (2, "")
    assert "models/escalation.toml: cohrt: no such key." in err
    assert "Did you mean cohort?" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("link",), "nothing is loaded yet. Run `targeting load EXTRACTS` first"),
        (("list",), "no list is published yet. Publish one with `targeting score --as-of DATE`"),
        (("list", "l_one", "--as-of", "2026-03-30"), "name a list or a date, not both"),
        (("score", "--as-of", "2026-03-30"), "no generation yet"),
        (("explain", "g_none"), "no published list has that flag"),
        (("promote", "escalation", "abc"), "Version 'abc' of escalation does not exist"),
        (("train", "escalaton", "--as", "Ann"), "Did you mean escalation"),
        (("describe", "persistant_absence"), "Did you mean persistent_absence"),
        (("audit",), "name a model, or give --scores FILE --policy FILE --out DIR"),
    ],
)
def test_a_command_out_of_order_says_what_to_do_first(
    targeting: Callable[..., Outcome], district: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, _, err = targeting("--project", district, *arguments)
    assert code == 2
    assert message in err


def test_a_demo_never_replaces_a_folder_that_no_demo_made(targeting: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    code, _, err = targeting("demo", "--families", 500, "--folder", tmp_path)
    assert code == 2
    assert "was not made by a demo" in err
    assert (tmp_path / "precious").exists()


def test_a_demo_whose_port_is_taken_ends_before_any_work(targeting: Callable[..., Outcome], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = targeting("demo", "--port", port, "--folder", tmp_path / "demo")
    assert (code, out) == (2, "")
    assert f"port {port} on 127.0.0.1 cannot be used" in err
    assert "name another with --port" in err
    assert not (tmp_path / "demo").exists()


def test_help_answers_without_loading_what_commands_need() -> None:
    heavy = "('lightgbm', 'mlflow', 'pandas', 'duckdb', 'numba')"
    loaded = f"import sys, targeting.commands; print([name for name in {heavy} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_the_lists_module_never_loads_mlflow() -> None:
    loaded = "import sys, targeting.serving.lists; print('mlflow' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "False"
