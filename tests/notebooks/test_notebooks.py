"""Notebooks are kept without outputs and define nothing; that they run is tested on the demo's district."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def _cells(path: Path, kind: str) -> list[Mapping[str, Any]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == kind]


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_no_outputs_defines_nothing_and_begins_with_its_title(path: Path) -> None:
    cells = _cells(path, "code")
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    trees = [ast.walk(ast.parse(_source(cell))) for cell in cells]
    assert not [node for tree in trees for node in tree if isinstance(node, defined)]
    assert _source(_cells(path, "markdown")[0]).startswith("# ")


def test_the_four_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_explore_indicators",
        "02_retrain",
        "03_compare_models",
        "04_read_an_audit",
    ]
