from dataclasses import replace

import numpy as np
import pytest

from targeting.commands.studying import show_study
from targeting.features.matrix import Matrix
from targeting.training.experiment import settings_of
from targeting.training.fitting import Recipe
from targeting.training.rows import ranked_rows
from targeting.training.studies import (
    WHOLE,
    Subject,
    _folds,
    _unseen,
    less_to_learn_from,
    older_records,
    tiers,
    unseen_families,
    without_each_agency,
)


@pytest.fixture(scope="module")
def subject(trained, data, rows, definition):
    """The made-up district's model; `referrals` and `incidents` decide, and each comes from an agency of its own."""
    agencies = ("social care", "police", "schools", "housing", "centres")
    sources = ("social_care", "police", "schools", "housing", "centres")
    planned = tuple(
        replace(each, agencies=(agency,), sources=(source,))
        for each, agency, source in zip(data.plan.indicators, agencies, sources, strict=True)
    )
    best, split = trained.findings.search.best, trained.findings.split
    return Subject(
        rows=rows,
        ranked=ranked_rows(data.matrix, data.labels, split.test),
        split=split,
        recipe=Recipe(best.parameters, best.rounds),
        settings=settings_of(definition, data.plan),
        measures=definition.measures,
        plan=replace(data.plan, indicators=planned),
    )


def test_families_never_seen_are_judged_on_the_same_rows_as_those_seen(subject):
    seen, unseen = unseen_families(subject)
    assert seen.events == unseen.events > 0
    assert unseen.difference == pytest.approx(unseen.average_precision - seen.average_precision)
    assert unseen.difference_low <= unseen.difference <= unseen.difference_high


def test_a_fifth_of_the_families_has_a_fifth_of_the_places(subject):
    """Five places a week for all families are one for the fifth that judges."""
    roomy = replace(subject, measures=subject.measures.model_copy(update={"capacity": 5}))
    narrow = replace(subject, measures=subject.measures.model_copy(update={"capacity": 1}))
    fold = _folds(subject.ranked) == 0
    seen, _ = unseen_families(roomy)
    assert seen.recall_in_52_weeks == narrow.evaluated(subject.scores(), fold).pooled["recall_in_52_weeks"]
    assert seen.recall_in_52_weeks < roomy.evaluated(subject.scores(), fold).pooled["recall_in_52_weeks"]


def test_no_row_of_a_family_that_judges_teaches(subject):
    """A model of the other folds alone gives the same scores."""
    others = replace(subject, rows=subject.rows.where(_folds(subject.rows) != 0))
    assert np.array_equal(_unseen(subject), others.scores())


def test_the_learning_curve_ends_with_the_whole_model(subject):
    cases = list(less_to_learn_from(subject))
    assert [each.case for each in cases] == [
        "12.5% of the families",
        "25.0% of the families",
        "50.0% of the families",
        WHOLE,
    ]
    assert cases[0].difference < 0
    assert cases[-1].difference is None


def test_without_an_agency_that_decides_something_is_lost_and_without_another_next_to_nothing(subject):
    cases = {each.case: each for each in without_each_agency(subject, {"moves at all": ("moves",)})}
    assert set(cases) == {
        WHOLE,
        *(f"without {each}" for each in ("centres", "housing", "police", "schools", "social care", "moves at all")),
    }
    assert cases["without police"].difference_high < 0
    assert abs(cases["without housing"].difference) < 0.05
    assert cases["without moves at all"].average_precision == cases["without housing"].average_precision


def test_records_that_are_as_good_as_todays_change_nothing_and_a_family_not_there_then_is_last(subject, data):
    test = np.isin(data.matrix.as_of_date, np.array(subject.split.test, dtype="datetime64[D]"))
    same = data.matrix.rows(test)
    shifted = Matrix(same.family_id, same.as_of_date - 30, same.names, same.values, same.unknown)
    whole, as_good = older_records(subject, [(30, shifted)])
    assert (as_good.case, as_good.difference) == ("records 30 days old", 0.0)
    nobody = shifted.rows(np.zeros(len(shifted.family_id), dtype=bool))
    _, last = older_records(subject, [(30, nobody)])
    assert last.average_precision == pytest.approx(whole.prevalence)


def test_each_tier_has_the_indicators_of_its_own_sources_and_its_audit(subject):
    tier_of = {
        "social_care": "council",
        "police": "police_and_schools",
        "schools": "police_and_schools",
        "housing": "council",
        "centres": "health",
    }
    cases = list(tiers(subject, tier_of, lambda _: "pass"))
    assert [each.case for each in cases] == [
        "the council's own records: 2 indicators",
        "records of the council, the police and schools: 4 indicators",
        "records of the council, the police, schools and health services: 5 indicators",
    ]
    assert (cases[0].difference < 0, cases[2].difference) == (True, None)
    assert {each.audit for each in cases} == {"pass"}


def test_where_a_lower_tier_has_every_indicator_the_study_ends_with_it(subject):
    tier_of = dict.fromkeys(("social_care", "police", "schools", "housing", "centres"), "council")
    assert [each.case for each in tiers(subject, tier_of, lambda _: "pass")] == [
        "the council's own records: 5 indicators"
    ]


def test_what_a_study_compares_with_is_named_below_it(subject, capsys):
    tier_of = dict.fromkeys(("social_care", "police", "schools", "housing"), "council") | {"centres": "health"}
    show_study("escalation: tiers", list(tiers(subject, tier_of, lambda _: "pass")))
    said = " ".join(capsys.readouterr().out.split())
    assert "the difference to records of the council, the police, schools and health services: 5 indicators: " in said
