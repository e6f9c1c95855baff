"""Python declarations are loaded privately, and every failure is told with its line."""

import sys
from pathlib import Path

from targeting.project.declarations import load_declarations, of_type


def project(folder: Path, **files: str) -> Path:
    (folder / "features" / "sources").mkdir(parents=True)
    for name, text in files.items():
        (folder / "features" / f"{name.replace('__', '/')}.py").write_text(text, encoding="utf-8")
    return folder


def test_a_relative_import_shares_the_very_object_and_is_declared_once(tmp_path: Path) -> None:
    root = project(
        tmp_path, sources__police="limit = 12\n", abuse="from .sources.police import limit\ntwice = limit * 2"
    )
    declarations, faults = load_declarations(root)
    assert faults == ()
    assert [(d.module, d.name, d.place, d.value) for d in declarations] == [
        ("abuse", "twice", "features/abuse.py:2", 24),
        ("sources.police", "limit", "features/sources/police.py:1", 12),
    ]


def test_each_failing_file_is_a_fault_at_its_line_and_the_others_load(tmp_path: Path) -> None:
    root = project(tmp_path, good="x = 1\n", typo="y = 1\nz = why\n", syntax="a = (\n")
    declarations, faults = load_declarations(root)
    assert [d.name for d in declarations] == ["x"]
    assert [str(fault) for fault in faults] == [
        "features/syntax.py:1: SyntaxError: '(' was never closed (syntax.py, line 1)",
        "features/typo.py:2: NameError: name 'why' is not defined",
    ]


def test_two_projects_do_not_see_each_other_nor_the_import_path(tmp_path: Path) -> None:
    first, _ = load_declarations(project(tmp_path / "a", one="x = 1\n"))
    second, _ = load_declarations(project(tmp_path / "b", one="x = 2\n"))
    assert [first[0].value, second[0].value] == [1, 2]
    assert "features" not in sys.modules
    assert str(tmp_path / "a") not in sys.path


def test_loading_again_sees_what_was_edited(tmp_path: Path) -> None:
    root = project(tmp_path, one="x = 1\n")
    load_declarations(root)
    (root / "features" / "one.py").write_text("x = 'edited later'\n", encoding="utf-8")
    assert load_declarations(root)[0][0].value == "edited later"


def test_declarations_are_picked_by_type(tmp_path: Path) -> None:
    declarations, _ = load_declarations(project(tmp_path, one="x = 1\ny = 'text'\nz: int = 3\n"))
    assert [(d.name, value) for d, value in of_type(declarations, int)] == [("x", 1), ("z", 3)]
