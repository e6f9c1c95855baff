"""Every indicator has an example, records in and value out; all are run as one matrix."""

from pathlib import Path

import pytest
from skeletons import skeleton
from small_district import AS_OF, Values, family_of, generation_of_families, known_values, plan_of_all

from targeting.errors import DeclarationError
from targeting.features import CompileRules, Indicator
from targeting.features.engine import build_matrix
from targeting.project.declarations import Declaration
from targeting.project.worked_examples import WorkedExample, read_worked_examples

FOLDER = Path(__file__).parent / "examples"


@pytest.fixture(scope="module")
def examples(indicators: dict[str, Indicator]) -> tuple[WorkedExample, ...]:
    return read_worked_examples(FOLDER, tuple(indicators))


@pytest.fixture(scope="module")
def values(
    examples: tuple[WorkedExample, ...],
    indicators: dict[str, Indicator],
    rules: CompileRules,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Values]:
    """Return every indicator by the place of the example, one family each."""
    generation = generation_of_families(
        {each.place: each.records for each in examples},
        {each.place: family_of(each.family) for each in examples},
        rules,
        tmp_path_factory.mktemp("examples"),
    )
    return known_values(build_matrix(plan_of_all(indicators, rules), generation, [AS_OF]))


def test_every_indicator_has_an_example(examples: tuple[WorkedExample, ...], indicators: dict[str, Indicator]) -> None:
    computed = {name for name, each in indicators.items() if each.use != "refused"}
    without = sorted(computed - {each.indicator for each in examples})
    assert without == [], "scripts/add-example-skeletons writes the missing ones"


def test_the_records_of_an_example_give_its_value(
    examples: tuple[WorkedExample, ...], values: dict[str, Values]
) -> None:
    wrong = {
        each.place: (each.value, values[each.place][each.indicator])
        for each in examples
        if values[each.place][each.indicator] != pytest.approx(each.value, abs=1e-9)
    }
    assert wrong == {}


def test_forty_and_more_are_worked_out_by_hand_and_say_how(examples: tuple[WorkedExample, ...]) -> None:
    by_hand = {each.indicator for each in examples if each.checked}
    assert len(by_hand) >= 40
    assert [each.place for each in examples if each.checked and not each.why] == []


def test_an_example_lies_in_the_file_of_its_indicators_concern(
    examples: tuple[WorkedExample, ...], indicators: dict[str, Indicator], declarations: tuple[Declaration, ...]
) -> None:
    module_of = {each.name: each.module for each in declarations if isinstance(each.value, Indicator)}
    assert [e.place for e in examples if not e.place.startswith(f"{module_of[e.indicator]}.toml")] == []


def test_most_examples_show_something(examples: tuple[WorkedExample, ...]) -> None:
    telling = {each.indicator for each in examples if each.value}
    assert len(telling) >= 0.95 * len({each.indicator for each in examples})


def test_an_example_tells_of_no_fact_that_the_contract_has_not(
    examples: tuple[WorkedExample, ...], rules: CompileRules
) -> None:
    unknown = [
        (each.place, record.kind, name)
        for each in examples
        for record in each.records
        for name, _ in record.columns
        if record.kind not in rules.contract or rules.contract[record.kind].column(name) is None
    ]
    assert unknown == []


def test_a_skeleton_fulfils_what_its_indicator_asks_for(indicators: dict[str, Indicator], rules: CompileRules) -> None:
    family, records = skeleton(indicators["high_grade_abuse_24_months"], rules)
    assert family == ("mother", "pupil")
    assert [(r.kind, dict(r.columns)) for r in records] == [
        ("domestic_abuse_incident", {"grade": "high", "child_present": "yes"})
    ]


def test_every_fault_of_the_examples_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "absence.toml").write_text(
        '[[absense]]\nvalue = 1\n[[absence]]\nvalue = "none"\n[[absence]]\nvalue = 1\nrecord = ""\n'
        '[[absence]]\nvalue = 1\nrecords = "suspension | pupil | yesterday"\n'
    )
    with pytest.raises(DeclarationError) as told:
        read_worked_examples(tmp_path, ["absence"])
    said = str(told.value)
    assert "absence.toml: absense" in said
    assert "does not exist. Those that do: absence. Did you mean absence?" in said
    assert "absence.toml: absence (1)" in said
    assert 'value is a number, or "unknown"' in said
    assert "'record' does not exist." in said
    assert "Did you mean records?" in said
    assert "'suspension | pupil | yesterday' is no record" in said
