"""`docs/training.md` names everything that can be declared, every gate, every study and every file of evidence."""

import re
from pathlib import Path

import pytest

from targeting.commands.studying import STUDIES
from targeting.models.definition import ModelDefinition
from targeting.toml_files import Declared
from targeting.training.definition import TrainingDefinition

ROOT = Path(__file__).parents[2]
NAMED = set(re.findall(r"`([\w./ \[\]-]+)`", (ROOT / "docs" / "training.md").read_text(encoding="utf-8")))
TABLES = {
    name: field.annotation
    for name, field in TrainingDefinition.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Declared)
}


def keys_of(declared: type[Declared]) -> set[str]:
    return set(declared.model_fields) - {"name"}


@pytest.mark.parametrize("declared", [ModelDefinition, TrainingDefinition, *TABLES.values()])
def test_every_key_is_named(declared):
    assert keys_of(declared) - set(TABLES) - NAMED == set()


def test_every_table_is_named():
    assert {f"[{name}]" for name in TABLES} - NAMED == set()


def test_every_study_is_named():
    assert set(STUDIES) - NAMED == set()


def test_every_gate_and_every_file_of_evidence_is_named(trained):
    gates = {each["name"] for each in trained.bundle.evidence_json("gates.json")}
    assert gates - NAMED == set()
    assert [each for each in trained.bundle.evidence if not {each, each.removesuffix(".json")} & NAMED] == []
