"""`targeting init`: a second district passes its own check, and carries nothing that the first one signed for."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from targeting.commands.app import app
from targeting.project.starting import name_of, without_tables

Outcome = tuple[int, str, str]
Targeting = Callable[..., Outcome]
SIGNERS = """# Who may sign.
#
# [[signer]]
# name = "Name of the person"

# Since May.
[[signer]]
name = "Ann"
public_key = "[[x]]"

[[signer]]
name = "Ben"

# How long.
[retention]
weeks = 1
"""


def test_a_second_district_passes_its_check_under_its_own_name(targeting: Targeting, tmp_path: Path) -> None:
    folder = tmp_path / "second"
    code, out, err = targeting("init", folder, "--name", 'The "Second" district')
    assert (code, err) == (0, "")
    assert f"targeting --project {folder} check" in out
    code, out, _ = targeting("--project", folder, "check", "--json")
    assert (code, json.loads(out)["district"], json.loads(out)["models"]) == (0, 'The "Second" district', 4)


def test_what_was_made_is_printed_as_json(targeting: Targeting, tmp_path: Path) -> None:
    folder = tmp_path / "stoke-on-trent"
    code, out, _ = targeting("init", folder, "--json")
    made = json.loads(out)
    assert (code, made["district"], made["folder"]) == (0, "Stoke on Trent", str(folder))
    assert all(command.startswith(f"targeting --project {folder} ") for command in made["next"])


def test_nobody_may_sign_in_a_new_district_and_git_ignores_what_commands_make(
    targeting: Targeting, tmp_path: Path
) -> None:
    targeting("init", tmp_path / "second")
    signers = (tmp_path / "second/serving/signers.toml").read_text(encoding="utf-8")
    assert tomllib.loads(signers) == {}
    assert "# [[signer]]" in signers
    service = tomllib.loads((tmp_path / "second/serving/service.toml").read_text(encoding="utf-8"))
    assert (service["live_or_shadow"], "document" in service) == ("shadow", False)
    ignored = (tmp_path / "second/.gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/var/", "/mlruns/", "/keys/", "/targeting-demo/"} <= set(ignored)


def test_the_readme_names_every_folder_that_was_made_and_what_comes_next(targeting: Targeting, tmp_path: Path) -> None:
    targeting("init", tmp_path / "second")
    readme = (tmp_path / "second/README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Second\n")
    made = [path.name for path in (tmp_path / "second").iterdir() if path.name not in ("README.md", ".gitignore")]
    assert [name for name in made if name not in readme] == []
    steps = {"check", "load", "quarantine", "link", "train", "sign", "promote", "score", "list", "serve"}
    assert set(re.findall(r"`targeting (\w+)", readme)) == steps
    assert steps <= {command.name or command.callback.__name__ for command in app.registered_commands}


def test_a_folder_that_is_not_empty_is_left_as_it_is(targeting: Targeting, tmp_path: Path) -> None:
    (tmp_path / "b.txt").touch()
    (tmp_path / "a.txt").touch()
    code, out, err = targeting("init", tmp_path)
    assert (code, out) == (2, "")
    assert f"{tmp_path} is not empty: a.txt and 1 more in the way. Nothing was written" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_an_empty_git_repository_counts_as_empty(targeting: Targeting, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert targeting("init", tmp_path)[0] == 0
    assert (tmp_path / "targeting.toml").is_file()


def test_a_path_that_is_a_file_or_leads_through_one_is_refused(targeting: Targeting, tmp_path: Path) -> None:
    (tmp_path / "note").touch()
    for path in (tmp_path / "note", tmp_path / "note" / "second"):
        code, _, err = targeting("init", path)
        assert (code, err) == (2, f"{tmp_path / 'note'} is a file; name a folder, or one that does not exist yet.\n")


def test_a_district_inside_another_is_made_with_a_warning(targeting: Targeting, tmp_path: Path) -> None:
    targeting("init", tmp_path / "first")
    code, _, err = targeting("init", tmp_path / "first" / "second")
    assert code == 0
    assert "lies inside the project" in err
    assert "--project" in err


@pytest.mark.parametrize("part", ["features", "serving", "var", "mlruns"])
def test_no_district_is_made_among_the_declarations_or_data_of_another(
    targeting: Targeting, tmp_path: Path, part: str
) -> None:
    targeting("init", tmp_path / "first")
    code, _, err = targeting("init", tmp_path / "first" / part / "second")
    assert code == 2
    assert f"lies in {part}/ of the project {tmp_path / 'first'}, which reads it as its own. Name another." in err
    assert not (tmp_path / "first" / part / "second").exists()


@pytest.mark.parametrize("name", ["", "  ", "two\nlines"])
def test_a_name_that_cannot_be_shown_is_refused(targeting: Targeting, tmp_path: Path, name: str) -> None:
    code, _, err = targeting("init", tmp_path / "second", "--name", name)
    assert (code, "one line, not empty" in err) == (2, True)
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("second", "Second"),
        ("north_yorkshire", "North Yorkshire"),
        ("stoke-on-trent", "Stoke on Trent"),
        ("the wirral", "The Wirral"),
        ("McArthur", "McArthur"),
        ("/", "District"),
    ],
)
def test_a_folders_name_is_made_readable(folder: str, name: str) -> None:
    assert name_of(Path(folder)) == name


def test_tables_go_with_the_comment_above_them_and_all_else_stays() -> None:
    kept = SIGNERS[: SIGNERS.index("# Since May")] + SIGNERS[SIGNERS.index("# How long") :]
    assert without_tables(SIGNERS, "signer") == kept
