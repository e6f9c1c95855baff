"""The benchmark's declarations: they load without a fault, and what is kept for the audit can be no input."""

from datetime import date
from pathlib import Path

import pytest

from targeting.errors import DeclarationError
from targeting.features import Indicator, column, facts
from targeting.features.compiler import compile_plan
from targeting.features.conditions import Condition
from targeting.project.loading import load_project
from targeting.project.project import Project

DELIVERED = date(2015, 12, 31)
described = facts("student_described")


@pytest.fixture(scope="module")
def project() -> Project:
    """Return the benchmark's project."""
    return load_project(Path(__file__).parents[2] / "benchmarks" / "oulad", on=DELIVERED)


def test_both_models_take_every_indicator(project: Project) -> None:
    for model in project.models.values():
        assert len(project.plan(model, on=DELIVERED).indicators) == len(project.indicators)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (column("disability") == True, "'disability' .* refuses as an input"),  # noqa: E712 - a condition, no truth
        (column("sex") == "f", "'sex' .* refuses as an input"),
        (column("imd_band") == "0-10%", "'deprivation' .* a proxy that nobody reviewed"),
        (column("age_band") == "55<=", "'age' .* a justified attribute that nobody reviewed"),
    ],
)
def test_nothing_personal_can_be_an_input(project: Project, condition: Condition, said: str) -> None:
    indicator = Indicator(
        "Something personal",
        described.where(condition).exists_for_family(),
        concern="person",
        sentence="Something personal is recorded",
        name="personal",
        place="features/personal.py:1",
    )
    with pytest.raises(DeclarationError, match=said):
        compile_plan((indicator,), cohort=None, rules=project.rules(project.model("day60"), on=DELIVERED))
