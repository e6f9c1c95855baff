"""The figures restated in code are those that were published."""

import csv
import os
from pathlib import Path

import pytest

from targeting.synthetic.rates import LAIT
from targeting.synthetic.wards import WARDS

MEASURES = {
    "CPP_Total_Rateper10,000": "referrals in a year",
    "ReReferral": "re-referrals within 12 months",
    "CIN_Refferals_NFA": "referrals not assessed",
    "Referrals_AssessedNotNeed": "referrals assessed and not in need",
    "RefBySource_Police_%": "referrals from police",
    "RefBySource_Schl_%": "referrals from schools",
    "RefBySource_HealthServ_%": "referrals from health",
    "CIN": "in need at 31 March",
    "Section_47": "section 47 enquiries in a year",
    "ISCP_Conf": "initial conferences in a year",
    "CPP_rate": "protection plans at 31 March",
    "LAC": "looked after at 31 March",
    "TotAbs": "sessions missed",
    "TotPerAbNew": "pupils missing a tenth or more",
    "TotSevPerAbNew": "pupils missing half or more",
    "Total_ Pup_FixedEx": "pupils suspended in a year",
    "Low_Birth_Weight_Babies": "low birth weight at term",
    "YJS_Caution-Sentence10-17_YO": "children cautioned or sentenced in a year",
    "FirstYJS": "first entrants to youth justice in a year",
    "HospAd0-14": "admissions with an injury in a year",
    "CMH_0-17yrs": "admissions for mental ill-health in a year",
    "16-17 NEET": "out of education and work at 31 March",
    "16-17_not known_NEET": "out of education and work, or not known",
    "SEN_TotSENSuP": "pupils with support for special needs",
    "EHCP_Initial_req_refused": "requests for a plan refused",
    "FSP_NEW_GOODDEV": "good level of development",
}


@pytest.fixture(scope="module")
def reference() -> Path:
    folder = os.environ.get("TARGETING_REFERENCE_DATA")
    if not folder:
        pytest.skip("TARGETING_REFERENCE_DATA is unset: restated figures are not compared with the published ones")
    return Path(folder)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_the_wards_are_those_of_the_review(reference):
    review = {row["ward"]: row for row in rows(reference / "bradford/wards.csv")}
    codes = {row["name"]: row["code"] for row in rows(reference / "bradford/oi_wards.csv")}
    columns = ("children_in_need", "child_protection_plans", "became_looked_after_12m")
    published = {
        (codes[name], name, float(row["imd_2015_score"]), *(int(row[column] or 0) for column in columns))
        for name, row in review.items()
    }
    ours = {
        (w.code, w.name, w.imd_2015_score, w.children_in_need, w.child_protection_plans, w.became_looked_after)
        for w in WARDS
    }
    assert ours == published


def test_the_published_rates_are_those_of_the_department(reference, small_rates):
    published = {
        row["measure_code_short"]: float(row["v_Bradford"])
        for row in rows(reference / "statistics/lait_bradford_vs_england_latest.csv")
        if row["v_Bradford"]
    }
    ours = {name: rate["published"] for name, rate in small_rates.items()}
    assert {name: ours[name] for name in MEASURES.values()} == {
        name: pytest.approx(published[code], abs=0.01) for code, name in MEASURES.items()
    }
    assert {name for name, rate in small_rates.items() if rate["source"] == LAIT} <= set(MEASURES.values())
