"""An attack on a whole audit: everything that its files say, put together, must not give away one to five people.

The attacker knows the policy and how the audit counts. Every number of `audit.json` that follows from counts becomes a
linear constraint on the table behind (how many rows of each kind are in each group), and an integer programme asks how
small and how large each withheld count could be. Page and CSV are made from that file, and so say nothing more.
"""

import itertools
import json
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.definition import Policy
from targeting.fairness.metrics import COUNTS, RATES
from targeting.fairness.output import audit_files
from targeting.fairness.page import audit_to_html
from targeting.fairness.results import audit_from_json, audit_to_json
from targeting.fairness.tidy import audit_to_csv

CUTS = ("score>=0.6", "score>=0.3")
ETHNICITIES, SEXES = ("a", "b", "c"), ("f", "m")
PAIRS = {"First": ("a", "b"), "Rest": ("c",)}
# (label, whether listed at .6, whether at .3).
KINDS = [(label, narrow, wide) for label in (0, 1) for narrow, wide in ((0, 0), (0, 1), (1, 1))]
CELLS = list(itertools.product(ETHNICITIES, SEXES, KINDS))
SCORE = {(0, 0): 0.1, (0, 1): 0.4, (1, 1): 0.8}
POLICY = Policy.model_validate(
    {
        "cuts": CUTS,
        "attribute": (
            {"name": "ethnicity", "column": "ethnicity", "reference": "c"},
            {"name": "grouped", "column": "ethnicity", "groups": PAIRS},
            {"name": "sex", "column": "sex", "reference": "m"},
            {"name": "both", "intersection": ("ethnicity", "sex")},
        ),
        "gating": (
            {"attribute": "ethnicity", "group": "a", "measure": "tpr_difference", "cut": CUTS[1], "limit": 0.1},
            {"attribute": "sex", "group": "f", "measure": "ppv_ratio", "cut": CUTS[0], "limit": 1.25},
        ),
    }
)


def rows_of(table: Mapping[tuple, int]) -> AuditInput:
    rows = [cell for cell, times in table.items() for _ in range(times)]
    ethnicity, sex = (np.array([row[at] for row in rows]) for at in (0, 1))
    return AuditInput(
        entity=np.array([f"p{number:05}" for number in range(len(rows))]),
        score=np.array([SCORE[row[2][1:]] for row in rows]),
        label=np.array([float(row[2][0]) for row in rows]),
        attributes={"ethnicity": ethnicity, "grouped": ethnicity, "sex": sex},
    )


def is_of(attribute: str, group: str, ethnicity: str, sex: str) -> bool:
    if group == "all":
        return True
    return {
        "ethnicity": group == ethnicity,
        "grouped": ethnicity in PAIRS.get(group, ()),
        "sex": group == sex,
        "both": group == f"{ethnicity} and {sex}",
    }[attribute]


def counts(metric: str, kind: tuple[int, int, int], cut: int) -> bool:
    label, listed = bool(kind[0]), bool(kind[1 + cut])
    return {
        "n": True,
        "positives": label,
        "negatives": not label,
        "selected": listed,
        "not_selected": not listed,
        "tp": label and listed,
        "fp": listed and not label,
        "fn": label and not listed,
        "tn": not label and not listed,
    }[metric]


def summed(attribute: str, group: str, metric: str, cut: int) -> np.ndarray:
    """Return which cells of the table a count adds up."""
    if metric.startswith("all_"):
        group, metric = "all", metric.removeprefix("all_")
    return np.array([float(is_of(attribute, group, e, s) and counts(metric, kind, cut)) for e, s, kind in CELLS])


class Attacker:
    """What a reader of `audit.json` knows of the table, as linear constraints."""

    def __init__(self, text: str) -> None:
        self.rows: list[np.ndarray] = []
        self.values: list[float] = []
        self.within: list[float] = []
        self.read(json.loads(text))

    def read(self, found: dict) -> None:
        everyone = summed("ethnicity", "all", "n", 0)
        self.learn(everyone, found["audited"]["rows"])
        self.learn(everyone, found["audited"]["entities"])
        self.learn(summed("ethnicity", "all", "positives", 0), found["audited"]["positives"])
        for cut, said in enumerate(found["cuts"]):
            self.learn(summed("ethnicity", "all", "selected", cut), said["listed"])
        for attribute in found["attributes"]:
            for group in attribute["groups"]:
                for cut, text in enumerate(CUTS):
                    self.read_group(attribute["name"], group["group"], cut, {**group["overall"], **group["cuts"][text]})
        for gate in found["gating"]:
            metric, cut = gate["measure"].rpartition("_")[0], CUTS.index(gate["cut"])
            for group, figure in ((gate["group"], "group_value"), (gate["reference"], "reference_value")):
                self.read_group(gate["attribute"], group, cut, {metric: gate[figure]})

    def read_group(self, attribute: str, group: str, cut: int, figures: Mapping[str, dict]) -> None:
        for metric, shown in figures.items():
            value = shown.get("value")
            if metric in COUNTS:
                self.learn(summed(attribute, group, metric, cut), value, shown.get("within"))
            elif shown.get("within"):
                # A rate follows from the count as it is told, which is learnt by itself.
                continue
            elif metric in RATES and isinstance(value, (int, float)):
                numerator, denominator = (
                    summed(attribute, group, count, cut)
                    for count in (RATES[metric].numerator, RATES[metric].denominator)
                )
                self.learn(numerator - value * denominator, 0.0)

    def learn(self, row: np.ndarray, value: float | str | None, within: int | None = None) -> None:
        if isinstance(value, (int, float)):
            self.rows.append(row)
            # Five fewer to four more, or of one that is subtracted from it four fewer to five more.
            self.values.append(float(value))
            self.within.append(5.0 if within else 1e-4)

    def range_of(self, wanted: np.ndarray) -> tuple[float, float]:
        """Return the least and the greatest value that a count could have."""
        matrix, values = np.array(self.rows).reshape(-1, len(CELLS)), np.array(self.values)
        # Rates are rounded to eight digits, so that they say their counts to within a ten-thousandth.
        within = np.array(self.within)
        constraints = LinearConstraint(matrix, values - within, values + within) if len(values) else ()
        ends = [milp(sign * wanted, constraints=constraints, integrality=1, bounds=(0, 400)) for sign in (1, -1)]
        return tuple(float(wanted @ end.x) for end in ends)


def small_counts(table: Mapping[tuple, int]) -> Iterator[tuple[str, np.ndarray]]:
    """Return every count of one to five people in one audit, and of those between its two cuts."""
    truth = np.array([table[cell] for cell in CELLS], dtype=float)
    groups = {
        "ethnicity": (*ETHNICITIES, "all"),
        "grouped": tuple(PAIRS),
        "sex": SEXES,
        "both": tuple(f"{e} and {s}" for e in ETHNICITIES for s in SEXES),
    }
    named = [(attribute, group) for attribute, members in groups.items() for group in members]
    for attribute, group in named:
        for metric in COUNTS:
            narrow, wide = (summed(attribute, group, metric, cut) for cut in range(len(CUTS)))
            for name, wanted in (("narrow", narrow), ("wide", wide), ("between", np.abs(wide - narrow))):
                if 1 <= wanted @ truth <= 5:
                    yield f"{attribute} {group} {metric} {name}", wanted


number = st.one_of(st.integers(0, 6), st.integers(0, 40))
tables = st.fixed_dictionaries(dict.fromkeys(CELLS, number)).filter(lambda table: sum(table.values()) > 0)


@settings(max_examples=2, deadline=None, derandomize=True)
@given(tables)
def test_no_count_of_one_to_five_can_be_reconstructed_from_all_that_is_said(table):
    attacker = Attacker(audit_to_json(audit(rows_of(table), POLICY, title="")))
    asked = {wanted.tobytes(): (name, wanted) for name, wanted in small_counts(table)}
    for name, wanted in asked.values():
        low, high = attacker.range_of(wanted)
        assert high - low >= 3, f"{name} is known to lie between {low} and {high}"


@pytest.fixture
def few_among_many():
    """Return 3 of `a`, one of them listed with the outcome, beside hundreds."""
    table = dict.fromkeys(CELLS, 0)
    table |= {("a", "f", KINDS[0]): 2, ("a", "m", KINDS[5]): 1}
    for group, sex in itertools.product("bc", SEXES):
        table |= {(group, sex, kind): 30 + 7 * at for at, kind in enumerate(KINDS)}
    return table


def test_a_group_of_three_is_withheld_in_every_file_and_cannot_be_had_by_subtraction(few_among_many):
    result = audit(rows_of(few_among_many), POLICY, title="")
    attacker = Attacker(audit_to_json(result))
    low, high = attacker.range_of(summed("ethnicity", "a", "n", 0))
    assert (low, high - low >= 4) == (0, True)
    of_three = [line for line in audit_to_csv(result).splitlines() if line.startswith("ethnicity,a,")]
    assert {line.split(",")[4] for line in of_three} <= {"c"}


@pytest.fixture
def few_without_a_sex():
    """Return two large sexes, and one listed child with the outcome whose sex is not known, in a large ethnic group."""
    table = dict.fromkeys(CELLS, 0)
    table |= {(e, "f", kind): 40 + 11 * at for e in ETHNICITIES for at, kind in enumerate(KINDS)}
    table |= {(e, "m", kind): 60 + 13 * at for e in ETHNICITIES for at, kind in enumerate(KINDS)}
    return table, {("c", "", KINDS[5]): 2, ("c", "", KINDS[0]): 30}


THREE_SEXES = POLICY.model_copy(
    update={
        "attribute": (
            POLICY.attribute[0],
            POLICY.attribute[2],
        ),
        "gating": (POLICY.gating[1].model_copy(update={"measure": "tpr_difference"}),),
    }
)


def test_a_comparison_of_two_large_groups_is_not_lost_to_the_few_who_are_in_neither(few_without_a_sex):
    large, few = few_without_a_sex
    result = audit(rows_of({**large, **few}), THREE_SEXES, title="")
    (gate,) = result.gating
    listed = {sex: sum(large[e, sex, KINDS[5]] for e in ETHNICITIES) for sex in "fm"}
    positives = {sex: sum(large[e, sex, kind] for e in ETHNICITIES for kind in KINDS[3:]) for sex in "fm"}
    # Everyone less the boys, less four: two are neither, and it could be anything below ten.
    told = {"tp": listed["f"] + 2 - 4, "positives": positives["f"] + 2 - 4}
    assert gate.group_value.within == 5
    assert gate.group_value.value == pytest.approx(told["tp"] / told["positives"], abs=1e-8)
    assert gate.reference_value.value == pytest.approx(listed["m"] / positives["m"], abs=1e-8)
    assert gate.estimate.value == pytest.approx(gate.group_value.value - gate.reference_value.value, abs=1e-7)
    assert gate.estimate.lower < gate.estimate.value < gate.estimate.upper
    girls = result.attributes[1].group("f").at(CUTS[0])
    assert {name: girls[name].value for name in told} == told
    assert any(note.startswith("sex: of f some counts are told to within five (score>=0.6") for note in result.notes)


@pytest.mark.parametrize("times", [1, 3, 4, 5])
def test_what_is_told_is_the_same_however_many_the_few_are(few_without_a_sex, times):
    # As many fewer girls as there are more of neither: all that a reader could subtract from stays the same.
    large, few = few_without_a_sex
    more = times - few["c", "", KINDS[5]]
    moved = {("c", "", kind): few["c", "", kind] + by for kind, by in ((KINDS[5], more), (KINDS[0], -more))}
    fewer = {("c", "f", kind): large["c", "f", kind] + by for kind, by in ((KINDS[5], -more), (KINDS[0], more))}
    girls = {**large, **fewer}
    one, other = (audit(rows_of(table), THREE_SEXES, title="") for table in ({**large, **few}, {**girls, **moved}))
    told = [{k: g.at(CUTS[0])[k].value for k in COUNTS} for each in (one, other) for g in each.attributes[1].groups]
    assert told[: len(told) // 2] == told[len(told) // 2 :]
    assert one.gating[0].group_value.value == other.gating[0].group_value.value


def test_the_attack_works_where_nothing_is_withheld(few_among_many):
    public = POLICY.model_copy(update={"public_data": True, "disclosure": "none"})
    attacker = Attacker(audit_to_json(audit(rows_of(few_among_many), public, title="")))
    assert attacker.range_of(summed("ethnicity", "a", "n", 0)) == (3, 3)


def test_page_and_tidy_file_are_made_from_the_json_and_say_nothing_more(few_among_many):
    result = audit(rows_of(few_among_many), POLICY, title="")
    again = audit_from_json(audit_to_json(result))
    assert (audit_to_html(again), audit_to_csv(again)) == (audit_to_html(result), audit_to_csv(result))
    assert set(audit_files(result)) == {"audit.json", "audit.csv", "audit.html"}
