"""What `prepare.py` writes, against the published counts and against the raw files computed another way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Prepare = Callable[[Path, Path], dict[str, int]]


@pytest.mark.parametrize(("day", "students", "prevalence"), [(60, 8818, 0.381), (120, 8260, 0.339)])
def test_those_registered_in_2014j_are_as_many_as_the_published_reference(
    extracts: Path, day: int, students: int, prevalence: float
) -> None:
    studies = pd.read_parquet(extracts / "university" / "studies.parquet")
    studies = studies[studies.presentation == "2014J"]
    left_on_day = (pd.to_datetime(studies.unregistered_on) - pd.to_datetime(studies.started_on)).dt.days
    registered = studies[~(left_on_day <= day)]
    assert len(registered) == students
    assert round(registered.result.isin(["fail", "withdrawn"]).mean(), 3) == prevalence


def test_presentations_start_in_february_and_october(extracts: Path) -> None:
    studies = pd.read_parquet(extracts / "university" / "studies.parquet")
    starts = studies.groupby("presentation").started_on.unique().map(lambda days: [str(day) for day in days]).to_dict()
    assert starts == {
        "2013B": ["2013-02-01"],
        "2013J": ["2013-10-01"],
        "2014B": ["2014-02-01"],
        "2014J": ["2014-10-01"],
    }


def test_what_happens_after_day_60_changes_nothing_known_by_then(
    reference: Path, extracts: Path, prepare: Prepare, tmp_path: Path
) -> None:
    prepare(_as_on_day(60, reference, tmp_path / "day60"), tmp_path / "then")
    for name, on in (("handed_in", "handed_in_on"), ("due", "due_on"), ("standings", "reported_on")):
        now, then = (_by_day_60(folder, name, on) for folder in (extracts, tmp_path / "then"))
        pd.testing.assert_frame_equal(now, then)


def test_a_standing_is_the_rank_by_hand(reference: Path, extracts: Path) -> None:
    """Of AAA 2014J on day 60: who has fewer weighted marks, and how far from the mean, by pairs rather than ranks."""
    student = _read(reference, "student", "AAA", "2014J").merge(_read(reference, "registration", "AAA", "2014J"))
    student = student[~(student.date_unregistration <= 60)]
    work = pd.read_parquet(reference / "student_assessment.parquet").merge(
        _read(reference, "assessment", "AAA", "2014J")
    )
    work = work[work.is_banked | (work.date_submitted <= 60)]
    marks = (work.score * work.weight / 100).groupby(work.id_student).sum()
    marks = marks.reindex(student.id_student.sort_values(), fill_value=0.0).round(9)
    fewer = [(marks < own).sum() / (len(marks) - 1) for own in marks]

    reported = _report(extracts, "2014J-AAA-", "2014-11-30")
    assert reported.marks_above.tolist() == pytest.approx(fewer, abs=1e-4)
    assert reported.marks_lead.tolist() == pytest.approx((marks - marks.mean()).tolist(), abs=1e-4)


def _as_on_day(day: int, reference: Path, folder: Path) -> Path:
    """Write the data set as it could have been known on a day of each presentation."""
    shutil.copytree(reference, folder)
    for file in folder.iterdir():
        file.chmod(0o644)
    work = pd.read_parquet(reference / "student_assessment.parquet")
    work[work.date_submitted <= day].to_parquet(folder / "student_assessment.parquet")
    registration = pd.read_parquet(reference / "student_registration.parquet")
    later = registration.date_unregistration > day
    registration.loc[later, "date_unregistration"] = None
    registration.to_parquet(folder / "student_registration.parquet")
    student = pd.read_parquet(reference / "student.parquet").assign(final_result="Pass")
    student.to_parquet(folder / "student.parquet")
    return folder


def _by_day_60(extracts: Path, name: str, on: str) -> pd.DataFrame:
    rows = pd.read_parquet(extracts / "university" / f"{name}.parquet")
    starts = rows.study.str[:5].map({"2013B": "2013-02-01", "2013J": "2013-10-01", "2014B": "2014-02-01"})
    days = (pd.to_datetime(rows[on]) - pd.to_datetime(starts.fillna("2014-10-01"))).dt.days
    return rows[days <= 60].reset_index(drop=True)


def _read(reference: Path, name: str, module: str, presentation: str) -> pd.DataFrame:
    file = {"registration": "student_registration.parquet", "assessment": "assessment.csv"}.get(name, f"{name}.parquet")
    read = pd.read_csv if file.endswith(".csv") else pd.read_parquet
    rows = read(reference / file)
    return rows[(rows.code_module == module) & (rows.code_presentation == presentation)]


def _report(extracts: Path, prefix: str, on: str) -> pd.DataFrame:
    rows = pd.read_parquet(extracts / "university" / "standings.parquet")
    rows = rows[rows.study.str.startswith(prefix) & (rows.reported_on.astype(str) == on)].copy()
    rows["id_student"] = rows.study.str.split("-").str[2].astype(int)
    return rows.sort_values("id_student")
