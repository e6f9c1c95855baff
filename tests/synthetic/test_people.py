"""Who lives in the district: families, turnover, twins, second households, newcomers without a history."""

import csv
from datetime import date

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from stdnum.gb import nhs, upn

from targeting.synthetic import wards
from targeting.synthetic.calendar import NEVER, WORLD_START, day_of
from targeting.synthetic.identities import nhs_numbers_for_tests
from targeting.synthetic.names import christen
from targeting.synthetic.population import CHILD
from targeting.synthetic.settling import settle

END = date(2026, 3, 29)


@pytest.fixture(scope="module")
def settled():
    return settle(4_000, END, np.random.default_rng(3))


def here(families, people, day):
    """Return which children under 18 live there on a day."""
    present = (families.present_from <= day) & (families.leaves > day)
    age = (day - people.born) / 365.25
    return (people.role == CHILD) & present[people.family] & (age >= 0) & (age < 18)


@pytest.mark.parametrize("day", ["2019-06-01", "2022-06-01", "2026-03-01"])
def test_the_district_keeps_its_size(settled, day):
    families, people, _ = settled
    children = here(families, people, day_of(date.fromisoformat(day)))
    assert np.unique(people.family[children]).size == pytest.approx(4_000, rel=0.06)
    # 142,500 children in 75,000 families.
    assert children.sum() / 4_000 == pytest.approx(1.9, rel=0.06)


def test_a_twelfth_of_families_come_and_as_many_go_each_year(settled):
    families, _, _ = settled
    years = (day_of(END) - WORLD_START) / 365.25
    came = families.newcomer.sum() / years / 4_000
    leaving = (families.leaves != NEVER).sum() / years / 4_000
    assert 0.08 <= came <= 0.10
    assert 0.07 <= leaving <= 0.10


def test_just_under_half_of_children_are_of_minority_groups_and_over_a_third_south_asian(settled):
    families, people, _ = settled
    children = here(families, people, day_of(date(2025, 1, 1)))
    community = people.community[children]
    assert 0.42 <= (community != 0).mean() <= 0.50
    assert 0.33 <= (community <= 3).mean() - (community == 0).mean() <= 0.40


def test_need_follows_the_wards_of_the_review(settled):
    families, _, _ = settled
    vulnerable = np.bincount(families.ward[families.vulnerability == 2], minlength=30)
    assert np.corrcoef(vulnerable, wards.need_shares())[0, 1] > 0.85


def test_some_children_are_twins_and_bear_different_names(settled):
    families, people, _ = settled
    names = christen(families, people, np.random.default_rng(1))
    child = people.of_role(CHILD)
    same_day = (np.diff(people.family[child]) == 0) & (np.diff(people.born[child]) == 0)
    twins = np.flatnonzero(same_day)
    assert 0.005 < twins.size / child.size < 0.03
    called = np.where(names.second >= 0, names.second, names.given)
    assert (called[child[twins]] != called[child[twins + 1]]).all()


def test_separated_parents_share_a_child_in_two_families(small):
    members = pq.read_table(small / "truth/families.parquet")
    child = members.filter(pc.equal(members["role"], "child"))
    families_of = child.group_by("person").aggregate([("family", "count_distinct")])["family_count_distinct"].to_numpy()
    assert 0.05 < (families_of == 2).mean() < 0.30
    assert families_of.max() == 2


def test_several_families_share_some_addresses_and_hostels_house_many(make):
    out = make(1_500, seed=4, end=date(2021, 6, 30))
    stays = pq.read_table(out / "truth/addresses.parquet")
    communal = stays.filter(stays["communal"])
    at_one = communal.group_by("uprn").aggregate([("household", "count_distinct")])["household_count_distinct"]
    assert pc.max(at_one).as_py() >= 5
    homes = stays.filter(pc.invert(stays["communal"]))
    sharing = homes.group_by("uprn").aggregate([("household", "count_distinct")])["household_count_distinct"].to_numpy()
    assert 0.01 < (sharing > 1).mean() < 0.15


def test_no_agency_knows_a_newcomer_before_the_family_came(small):
    families = pq.read_table(small / "truth/families.parquet")
    since = families.group_by("person").aggregate([("since", "min")])
    person = since["person"].to_numpy()
    first = np.zeros(person.max() + 1, np.int64)
    first[person] = since["since_min"].cast("int32").to_numpy()
    pupils = pq.read_table(small / "schools/pupils.parquet")
    records = pq.read_table(small / "truth/records.parquet")
    own = records.filter(pc.equal(records["source"], "schools"))
    who = own["person"].to_numpy()[pc.index_in(pupils["pupil_id"], own["record_key"].combine_chunks()).to_numpy()]
    assert (pupils["first_return"].cast("int32").to_numpy() >= first[who]).all()
    assert (first[who] > WORLD_START + 30).mean() > 0.2


def test_nhs_numbers_are_valid_and_of_the_range_for_tests():
    numbers = nhs_numbers_for_tests(500, np.random.default_rng(1))
    assert np.unique(numbers).size == 500
    assert all(nhs.is_valid(str(number)) and str(number).startswith("999") for number in numbers)


def test_pupil_numbers_are_valid(small):
    numbers = pq.read_table(small / "schools/pupils.parquet")["upn"].to_pylist()
    assert all(upn.is_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_no_postcode_could_be_real(small):
    postcodes = set(pq.read_table(small / "truth/addresses.parquet")["postcode"].to_pylist())
    # The last two letters of a real postcode are never C, I, K, M, O or V.
    assert all(set(postcode[-2:]) <= set("CIKMOV") for postcode in postcodes)


def test_agencies_write_the_same_person_differently(small):
    """Of children whom schools and social care both know, one in twenty at least bears two names."""
    records = pq.read_table(small / "truth/records.parquet")
    people = {(row["source"], row["record_key"]): row["person"] for row in records.to_pylist()}
    pupils = pq.read_table(small / "schools/pupils.parquet").to_pylist()
    in_school = {
        people["schools", pupil["pupil_id"]]: (pupil["legal_forename"], pupil["legal_surname"]) for pupil in pupils
    }
    with (small / "social_care/LCS_Persons.csv").open(encoding="utf-8") as lines:
        in_case = {
            people["social_care", row["Person ID"]]: (row["Forename"], row["Surname"]) for row in csv.DictReader(lines)
        }
    both = in_school.keys() & in_case.keys()
    differing = sum(in_school[person] != in_case[person] for person in both) / len(both)
    assert len(both) > 100
    assert 0.05 < differing < 0.45
