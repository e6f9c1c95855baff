"""The whole chain on a small synthetic district: what is served is what was trained, and it recomputes."""

import json
import math
import shutil
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest

from targeting import __version__
from targeting.commands.chain import candidates
from targeting.commands.demo import AS_OF_DATE, WEEKS
from targeting.commands.publishing import publish_lists, verify_list
from targeting.commands.watching import keep_watching
from targeting.errors import TargetingError
from targeting.features.engine import build_matrix
from targeting.models.bundle import Bundle, read_bundle
from targeting.models.registry import BUNDLES, CHAMPIONS
from targeting.models.watched import kept_watches
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.serving.library import Library
from targeting.serving.lists import make_lists
from targeting.serving.passport import verify
from targeting.serving.published import PublishedList
from targeting.serving.week import MadeFrom
from targeting.serving.writing_lists import AlreadyPublishedError
from targeting.store.generations import Generation, open_generation

ROOT = Path(__file__).parents[2]
PUBLISHED_AT = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def district(demo_folder: Path) -> Project:
    """Return the project of a demo with too few families for its model to be promoted."""
    return load_project(demo_folder, on=AS_OF_DATE)


@pytest.fixture(scope="module")
def generation(district: Project) -> Generation:
    return open_generation(district.data)


@pytest.fixture(scope="module")
def bundle(district: Project) -> Bundle:
    (folder,) = (candidates(district) / "escalation").iterdir()
    return read_bundle(folder)


@pytest.fixture(scope="module")
def lists(district: Project, generation: Generation, bundle: Bundle) -> tuple[PublishedList, ...]:
    """Return the lists that the model would have made, had it been promoted."""
    assert district.service is not None
    model = district.model("escalation")
    made_from = MadeFrom(
        generation=generation,
        bundle=bundle,
        service=district.service,
        cohorts={name: district.cohort_plan(name, model, on=AS_OF_DATE) for name in district.service.cohorts()},
        declarations_digest=district.declarations_digest,
        code_version=__version__,
    )
    return make_lists(made_from, as_of_date=AS_OF_DATE, published_at=PUBLISHED_AT)


def test_where_a_model_failed_a_gate_its_points_rule_orders_lists_that_say_so_and_can_be_proved(
    district: Project,
) -> None:
    by_points = Library(district.data).current()
    assert [(each.head.kind, each.head.ordered_by) for each in by_points] == [
        ("offer", "points_rule"),
        ("review", "points_rule"),
    ]
    for each in by_points:
        assert verify_list(district, each.head.id) == ()
        for passport in each.passports:
            value = {one.name: math.nan if one.value is None else one.value for one in passport.indicators}
            rules = district.training("escalation").baselines.points
            assert passport.margin == sum(rule.points for rule in rules if value[rule.indicator] >= rule.at_least)
            assert (passport.flag.band, passport.probability) == (None, None)
    with pytest.raises(AlreadyPublishedError, match="as of 2026-03-30 is published already"):
        publish_lists(district, as_of_date=AS_OF_DATE, published_at=PUBLISHED_AT)


def test_lists_of_four_weeks_are_published_each_as_of_its_own_morning(district: Project) -> None:
    offers = [each for each in Library(district.data).lists() if each.head.kind == "offer"]
    mornings = [datetime.combine(each.head.as_of_date, time(6), UTC) for each in offers]
    assert [each.head.as_of_date for each in offers] == [AS_OF_DATE - timedelta(weeks=week) for week in range(WEEKS)]
    assert [each.head.published_at for each in offers[1:]] == mornings[1:]


def test_where_no_fallback_is_declared_a_model_that_failed_a_gate_publishes_nothing(district: Project) -> None:
    assert district.service is not None
    without = replace(district, service=district.service.model_copy(update={"fallback": "none"}))
    with pytest.raises(TargetingError, match="No version of escalation was promoted yet"):
        publish_lists(without, as_of_date=AS_OF_DATE, published_at=PUBLISHED_AT)


def test_the_watch_on_a_model_in_use_is_kept_for_governance(district: Project, bundle: Bundle, tmp_path: Path) -> None:
    shutil.copytree(district.root, tmp_path / "copy", ignore=shutil.ignore_patterns("extracts", "mlruns"))
    copy = load_project(tmp_path / "copy", on=AS_OF_DATE)
    with pytest.raises(TargetingError, match="No version of escalation is in use: there is nothing to watch"):
        keep_watching(copy, "escalation", as_of=None, on=AS_OF_DATE, progress=lambda *_: None)
    shutil.copytree(bundle.folder, copy.data / BUNDLES / "escalation" / bundle.version)
    used = {"escalation": {"version": bundle.version, "digest": bundle.digest, "earlier": []}}
    (copy.data / CHAMPIONS).write_text(json.dumps(used), encoding="utf-8")
    watch, kept, suspended_because = keep_watching(
        copy, "escalation", as_of=None, on=AS_OF_DATE, progress=lambda *_: None
    )
    assert (watch.version, watch.as_of_date, watch.on) == (bundle.version, AS_OF_DATE, AS_OF_DATE)
    stands = {each.what: each.standing for each in watch.findings}
    assert (stands["cohort"], stands["outcomes"], suspended_because) == ("as before", "cannot tell", "")
    assert (kept.name, kept_watches(copy.data, "escalation")) == (f"{AS_OF_DATE}.json", [watch])


def test_the_row_served_is_the_row_trained_to_the_bit(
    district: Project, generation: Generation, lists: tuple[PublishedList, ...]
) -> None:
    plan = district.plan(district.model("escalation"), on=AS_OF_DATE)
    dates = [*district.training("escalation").as_of_dates, AS_OF_DATE]
    trained = build_matrix(plan, generation, dates)
    on_date = trained.rows(trained.as_of_date == np.datetime64(AS_OF_DATE))
    row_of = {family: row for row, family in enumerate(on_date.family_id.tolist())}
    passports = [passport for published in lists for passport in published.passports]
    assert passports
    for passport in passports:
        served = [math.nan if each.value is None else each.value for each in passport.indicators]
        row = on_date.values[row_of[passport.flag.family_id]]
        assert np.array(served).tobytes() == np.where(np.isnan(row), math.nan, row).tobytes()


def test_every_passport_recomputes_and_its_parts_sum(bundle: Bundle, lists: tuple[PublishedList, ...]) -> None:
    for published in lists:
        for passport in published.passports:
            assert verify(passport, bundle) == ()
            total = math.fsum([*(each.part for each in passport.indicators), passport.reference])
            assert total == pytest.approx(passport.margin - passport.mean_margin, abs=1e-9)


def test_the_lists_come_out_the_same_again(
    district: Project, generation: Generation, bundle: Bundle, lists: tuple[PublishedList, ...]
) -> None:
    assert district.service is not None
    model = district.model("escalation")
    made_from = MadeFrom(
        generation=generation,
        bundle=bundle,
        service=district.service,
        cohorts={name: district.cohort_plan(name, model, on=AS_OF_DATE) for name in district.service.cohorts()},
        declarations_digest=district.declarations_digest,
        code_version=__version__,
    )
    assert make_lists(made_from, as_of_date=AS_OF_DATE, published_at=PUBLISHED_AT) == lists


def test_everything_published_says_that_it_is_synthetic_and_names_nobody(
    district: Project, generation: Generation, lists: tuple[PublishedList, ...]
) -> None:
    assert generation.synthetic
    assert all(published.head.synthetic and published.head.standing == "shadow" for published in lists)
    assert all(flag.family_id.startswith("f_") for published in lists for flag in published.flags)


def test_what_identifies_people_lies_behind_mode_0600(district: Project) -> None:
    private = [
        district.data / "staging.duckdb",
        district.data / "identities.sqlite",
        *(district.root / "keys").iterdir(),
    ]
    assert [oct(path.stat().st_mode & 0o777) for path in private] == ["0o600"] * len(private)


def test_no_id_of_a_person_or_family_reaches_mlflow(district: Project) -> None:
    for path in _files(district.mlruns):
        content = path.read_bytes()
        for family in open_generation(district.data).family_ids()[:50].tolist():
            assert family.encode() not in content, path.name


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_cell_to_its_last(
    notebook: Path, district: Project, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bundle.model == "escalation"  # the notebooks read what the demo trained
    monkeypatch.chdir(district.root / "models")
    known: dict[str, object] = {}
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for number, cell in enumerate(cell for cell in cells if cell["cell_type"] == "code"):
        exec(compile("".join(cell["source"]), f"{notebook.name}, code cell {number}", "exec"), known)  # noqa: S102
