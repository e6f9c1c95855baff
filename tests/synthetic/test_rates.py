"""The district beside published rates, and neither too easy nor too hard to predict."""

import json

import pytest

# By how much a district of 3,000 families may differ: synthetic over published. Small stocks vary most.
TOLERANCE = {
    "referrals in a year": 0.20,
    "re-referrals within 12 months": 0.25,
    "referrals not assessed": 0.30,
    "referrals from police": 0.20,
    "referrals from schools": 0.25,
    "referrals from health": 0.25,
    "in need at 31 March": 0.25,
    "referrals assessed and not in need": 0.20,
    "section 47 enquiries in a year": 0.30,
    "initial conferences in a year": 0.50,
    "protection plans at 31 March": 0.60,
    "looked after at 31 March": 0.50,
    "factor domestic abuse, of those in need": 0.20,
    "factor mental health, of those in need": 0.20,
    "factor drugs, of those in need": 0.30,
    "factor alcohol, of those in need": 0.35,
    "sessions missed": 0.15,
    "pupils missing a tenth or more": 0.20,
    "pupils missing half or more": 0.35,
    "pupils suspended in a year": 0.25,
    "mothers smoking at delivery": 0.25,
    "low birth weight at term": 0.50,
    "births in a year": 0.12,
    "children of minority ethnic groups": 0.12,
    "South Asian children": 0.12,
    "families found in need in 26 weeks": 0.30,
    "children cautioned or sentenced in a year": 0.60,
    "first entrants to youth justice in a year": 0.80,
    "offending again within a year": 1.00,
    "boys among those cautioned or sentenced": 0.25,
    "admissions with an injury in a year": 0.20,
    "admissions for mental ill-health in a year": 0.70,
    "children with a referral to CAMHS open in a year": 0.15,
    "children with a CAMHS referral open who are treated": 0.20,
    "out of education and work at 31 March": 0.60,
    "out of education and work, or not known": 0.50,
    "young carers known": 0.50,
    "sessions a year of each who comes to youth services": 0.25,
    "pupils with support for special needs": 0.12,
    "requests for a plan (EHC) in a year": 0.20,
    "requests for a plan refused": 0.25,
    "good level of development": 0.10,
    "families with Families First at 31 March": 0.30,
    "families in intensive support at 31 March": 0.80,
    "children in family centres' cases at 31 March": 0.35,
    "homeless applications that a duty is owed": 0.10,
}


@pytest.fixture(scope="module")
def rates(large) -> dict[str, dict]:
    return {rate["name"]: rate for rate in json.loads((large / "rates.json").read_text())["rates"]}


def test_25_rates_and_more_are_written_with_source_and_assumption(rates):
    assert rates.keys() == TOLERANCE.keys()
    assert len(rates) >= 25
    for rate in rates.values():
        assert rate.keys() == {"name", "unit", "published", "synthetic", "source", "assumption", "ratio"}
        assert all(rate.values())
        assert rate["ratio"] == pytest.approx(rate["synthetic"] / rate["published"], abs=0.001)


@pytest.mark.parametrize("name", TOLERANCE)
def test_a_published_rate_is_met(rates, name):
    assert rates[name]["ratio"] == pytest.approx(1, abs=TOLERANCE[name]), rates[name]


def test_plain_lightgbm_finds_the_district_neither_too_easy_nor_too_hard(large, generator_check):
    found = generator_check.check(large)
    assert found.faults() == [], found
    assert found.prior_contacts_auc < found.auc < found.true_state_auc
    assert 0.2 < found.unseen_escalations < 0.5
