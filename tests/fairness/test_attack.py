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
                self.learn(summed(attribute, group, metric, cut), value)
            elif metric in RATES and isinstance(value, (int, float)):
                numerator, denominator = (
                    summed(attribute, group, count, cut)
                    for count in (RATES[metric].numerator, RATES[metric].denominator)
                )
                self.learn(numerator - value * denominator, 0.0)

    def learn(self, row: np.ndarray, value: float | str | None) -> None:
        if isinstance(value, (int, float)):
            self.rows.append(row)
            self.values.append(float(value))

    def range_of(self, wanted: np.ndarray) -> tuple[float, float]:
        """Return the least and the greatest value that a count could have."""
        matrix, values = np.array(self.rows).reshape(-1, len(CELLS)), np.array(self.values)
        # Rates are rounded to eight digits, so that they say their counts to within this.
        constraints = LinearConstraint(matrix, values - 1e-4, values + 1e-4) if len(values) else ()
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


def test_the_attack_works_where_nothing_is_withheld(few_among_many):
    public = POLICY.model_copy(update={"public_data": True, "disclosure": "none"})
    attacker = Attacker(audit_to_json(audit(rows_of(few_among_many), public, title="")))
    assert attacker.range_of(summed("ethnicity", "a", "n", 0)) == (3, 3)


def test_page_and_tidy_file_are_made_from_the_json_and_say_nothing_more(few_among_many):
    result = audit(rows_of(few_among_many), POLICY, title="")
    again = audit_from_json(audit_to_json(result))
    assert (audit_to_html(again), audit_to_csv(again)) == (audit_to_html(result), audit_to_csv(result))
    assert set(audit_files(result)) == {"audit.json", "audit.csv", "audit.html"}
