"""Our code sets against DfE's published ones, year by year."""

import json
import os
from pathlib import Path

import pytest

from targeting.records import codes
from targeting.records.definition import CodeSet

PAIRS = (
    (codes.REFERRAL_SOURCE, "referralsourcetype"),
    (codes.PRIMARY_NEED, "primaryneedcodetype"),
    (codes.CLOSURE_REASON, "reasonforclosuretype"),
    (codes.CATEGORY_OF_ABUSE, "categoryofabuse"),
    (codes.ETHNICITY, "ethnicitytype"),
    (codes.SEX, "gendertype"),
    (codes.DISABILITY, "disabilitytype"),
    (codes.ASSESSMENT_FACTOR, "assessmentfactorstype"),
)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=[theirs for _, theirs in PAIRS])
def test_our_codes_are_those_of_the_census_in_every_year(ours: CodeSet, theirs: str) -> None:
    folder = os.environ.get("TARGETING_REFERENCE_DATA")
    if not folder:
        pytest.skip("TARGETING_REFERENCE_DATA is unset: our codes are not compared with DfE's")
    years = json.loads((Path(folder) / "codes" / "cin_903_annex_a_by_year.json").read_text())["cin_by_year"]
    for year, sets in years.items():
        assert {code for code in ours.codes if ours.is_in_force(code, int(year))} == set(sets[theirs]), year
