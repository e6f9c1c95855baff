"""The engine's design matrix against the same indicators computed from the raw files, in days from the start."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from targeting.commands.chain import link_people, load_extracts
from targeting.features.engine import build_matrix
from targeting.features.labels import build_labels
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.store.generations import open_generation

OULAD = Path(__file__).parents[2] / "benchmarks" / "oulad"
# Two modules, one of them with assessments that a computer marks, keep the test short.
MODULES = ["AAA", "CCC"]
COMPARED = (
    "registered_ahead",
    "previous_attempts",
    "studied_credits",
    "missed_assessments",
    "missed_share",
    "missed_weight",
    "days_since_handed_in",
    "handed_in_lately",
    "mean_days_late",
    "most_days_late",
    "marks_gained",
    "mean_score",
    "lowest_score",
    "lowest_computer_marked_score",
)


@pytest.fixture(scope="module")
def project(extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the benchmark's project with two modules loaded and linked, its data in a folder of the test's own."""
    folder = tmp_path_factory.mktemp("oulad")
    (folder / "extracts" / "university").mkdir(parents=True)
    for file in (extracts / "university").iterdir():
        target = folder / "extracts" / "university" / file.name
        if file.suffix == ".parquet":
            rows = pq.read_table(file)
            pq.write_table(
                rows.filter(pc.is_in(pc.utf8_slice_codeunits(rows["study"], 6, 9), pa.array(MODULES))), target
            )
        else:
            target.write_bytes(file.read_bytes())
    declared = load_project(OULAD, on=date(2015, 12, 31))
    made = replace(declared, settings=declared.settings.model_copy(update={"data_folder": str(folder / "var")}))
    load_extracts(made, folder / "extracts")
    link_people(made)
    return made


@pytest.mark.parametrize(("model", "day"), [("day60", 60), ("day120", 120)])
def test_the_matrix_is_the_raw_files_in_days(project: Project, reference: Path, model: str, day: int) -> None:
    on = project.training(model).split.test[0]
    plan = project.plan(project.model(model), on=date(2015, 12, 31))
    matrix = build_matrix(plan, open_generation(project.data), [on])
    ours = pd.DataFrame(matrix.values, columns=list(matrix.names))[list(COMPARED)]
    pd.testing.assert_frame_equal(_sorted(ours), _sorted(_by_hand(reference, day)), check_dtype=False)


def test_the_outcome_is_the_final_result(project: Project, reference: Path) -> None:
    on = project.training("day60").split.test[0]
    model = project.model("day60")
    generation = open_generation(project.data)
    matrix = build_matrix(project.plan(model, on=date(2015, 12, 31)), generation, [on])
    rules = project.rules(model, on=date(2015, 12, 31))
    labels = build_labels(project.outcomes[model.outcome], matrix, generation, rules)
    student = _registered(reference, 60)
    assert np.isin(labels.label, (0.0, 1.0)).all()
    assert labels.matured.all()
    assert labels.label.sum() == student.final_result.isin(["Fail", "Withdrawn"]).sum()


def _registered(reference: Path, day: int) -> pd.DataFrame:
    student = pd.read_parquet(reference / "student.parquet")
    student = student.merge(pd.read_parquet(reference / "student_registration.parquet"))
    student = student[student.code_module.isin(MODULES) & (student.code_presentation == "2014J")]
    return student[~(student.date_unregistration <= day)].set_index(["code_module", "id_student"])


def _by_hand(reference: Path, day: int) -> pd.DataFrame:
    """Return each registered student's indicators on a day, from every pair of student and assessment."""
    student = _registered(reference, day)
    assessment = pd.read_csv(reference / "assessment.csv")
    assessment = assessment[assessment.code_presentation == "2014J"].drop(columns="code_presentation")
    work = pd.read_parquet(reference / "student_assessment.parquet")
    pairs = student.reset_index()[["code_module", "id_student"]].merge(assessment, on="code_module")
    pairs = pairs.merge(work, how="left").set_index(["code_module", "id_student"])
    pairs["day"] = pairs.date_submitted.where(~(pairs.is_banked == True), 0)  # noqa: E712 - missing where not handed in
    pairs["is_in"] = pairs.day <= day
    own = pairs[pairs.is_in & (pairs.is_banked == False)]  # noqa: E712
    tutor = own[(own.assessment_type == "TMA")]
    marked = pairs[pairs.is_in & (pairs.assessment_type == "TMA") & pairs.score.notna()]
    by_computer = pairs[pairs.is_in & (pairs.assessment_type == "CMA") & pairs.score.notna()]
    due = pairs[pairs.date <= day]
    missed = due[~due.is_in]

    def each(values: pd.Series) -> pd.core.groupby.SeriesGroupBy:
        return values.groupby(level=["code_module", "id_student"])

    def counted(rows: pd.DataFrame) -> pd.Series:
        return each(rows.day).size().reindex(student.index, fill_value=0)

    late = tutor.date_submitted - tutor.date
    has_marks = pairs[pairs.is_in]
    return pd.DataFrame(
        {
            "registered_ahead": -student.date_registration.where(student.date_registration <= day),
            "previous_attempts": student.num_of_prev_attempts,
            "studied_credits": student.studied_credits,
            "missed_assessments": counted(missed),
            "missed_share": counted(missed) / counted(due),
            "missed_weight": each(missed.weight).sum().reindex(student.index, fill_value=0),
            "days_since_handed_in": day + 1 - each(own.day).max(),
            "handed_in_lately": counted(own[own.day >= day + 1 - 28]),
            "mean_days_late": each(late).mean(),
            "most_days_late": each(late).max(),
            "marks_gained": each(has_marks.weight * has_marks.score / 100).sum().reindex(student.index, fill_value=0)
            / each(due.weight).sum(),
            "mean_score": each(marked.score).mean() / 100,
            "lowest_score": each(marked.score).min() / 100,
            "lowest_computer_marked_score": each(by_computer.score).min() / 100,
        },
        index=student.index,
    )[list(COMPARED)]


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in an order of their own: pseudonyms do not say which student is which."""
    return rows.astype(float).round(6).sort_values(list(COMPARED), ignore_index=True)
