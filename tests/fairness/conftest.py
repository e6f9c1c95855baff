"""Policies and rows for audits, written as small tables."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.policy import read_policy

REFERENCE = os.environ.get("TARGETING_REFERENCE_DATA")

PUBLIC = """
public_data = true
disclosure = "none"
cuts = ["score>=0.5"]
[[attribute]]
name = "group"
class = "refused"
column = "group"
reference = "a"
"""


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Return the folder of data written by others, or skip."""
    if REFERENCE is None or not Path(REFERENCE, "fairness").is_dir():
        pytest.skip("TARGETING_REFERENCE_DATA names no folder with fairness/: the COMPAS tables are not checked")
    return Path(REFERENCE, "fairness")


@pytest.fixture
def policy(tmp_path: Path) -> Callable[[str], Policy]:
    """Return a function that reads a policy from its text."""

    def read(text: str = PUBLIC) -> Policy:
        path = tmp_path / "fairness" / "policy.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return read_policy(path)

    return read


@pytest.fixture
def rows() -> Callable[[str], AuditInput]:
    """Return a function that makes an audit's rows from a table: `group | score | label`, and `times` where many.

    A column `family` makes clusters and places on the list.
    """

    def make(text: str) -> AuditInput:
        lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
        heading, *body = lines
        read = [dict(zip(heading, line, strict=True)) for line in body]
        return input_of([row for row in read for _ in range(int(row.get("times", "1")))])

    return make


def input_of(read: list[dict[str, str]]) -> AuditInput:
    columns: Mapping[str, np.ndarray] = {name: np.array([row[name] for row in read]) for name in read[0]}
    labels = np.array([float(text) if text else np.nan for text in columns["label"]])
    return AuditInput(
        entity=np.array([f"p{number:05}" for number in range(len(read))]),
        score=columns["score"].astype(float),
        label=labels,
        attributes={name: columns[name] for name in columns if name not in ("score", "label", "times", "family")},
        cluster=columns.get("family"),
        place=columns.get("family"),
    )
