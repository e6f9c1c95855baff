"""What Families First hands over: families worked with under its criteria, offers made, work begun and ended."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import identities, needs
from targeting.synthetic.calendar import NEVER, Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.episodes import episodes
from targeting.synthetic.family_members import Members, members
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.noticing import Households, delay
from targeting.synthetic.on_record import blank_unknown, episodes_on_record, one_at_a_time
from targeting.synthetic.population import CHILD
from targeting.synthetic.ragged import one_of_each
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2020, 4, 1))
# The six criteria of the Troubled Families Programme gave way to ten outcomes, which ended with the programme.
NEW_OUTCOMES = day_of(date(2022, 4, 1))
NEEDS_UNTIL = day_of(date(2025, 3, 31))

HABITS = Habits(
    names=NameHabits(spelling=0.10, nickname=0.10, slip=0.010, half=0.20),
    day_month_swapped=0.008,
    birth_wrong=0.008,
    birth_missing=0.02,
    nhs_missing=1.0,
    address_missing=0.03,
    address_old=0.08,
    ethnicity_missing=0.06,
    ethnicity_refused=0.02,
)

# A family has to meet two criteria: those that show in its needs are counted here.
_CRITERIA = (
    needs.ABSENCE.astype(int)
    + (needs.STRAIN > 0)
    + needs.ABUSE
    + ((needs.ILL_HEALTH == 1) | (needs.SUBSTANCES == 1))
    + (needs.STRAIN > 1)
)
# Assumptions, set by the review's count of families: offers a year where the criteria are met, how they are answered.
_OFFERS = np.where(_CRITERIA >= 2, 0.42 + 0.12 * (_CRITERIA - 2), 0.0)
_ACCEPTED, _DECLINED = 0.76, 0.17
_LASTS_AT_LEAST, _LASTS_BEYOND = 120, 190.0
_INTENSIVE = 0.095

TEAMS = ("Families First", "Intensive family support")
# As the worker's form words them: until March 2022, then until March 2025, with the needs behind each and its chance.
_FORM = (
    ("Crime and ASB", False, 0.06 + 0.12 * needs.ABSENCE),
    ("School attendance", False, 0.05 + 0.85 * needs.ABSENCE),
    ("Children who need help", False, 0.15 + 0.70 * (needs.STRAIN > 0)),
    ("Work and money", False, 0.12 + 0.25 * needs.STRAIN),
    ("Domestic abuse", False, 0.04 + 0.80 * needs.ABUSE),
    ("Health", False, 0.10 + 0.65 * ((needs.ILL_HEALTH == 1) | (needs.SUBSTANCES == 1))),
    ("Getting a good education", True, 0.06 + 0.80 * needs.ABSENCE),
    ("Early years development", True, 0.05 + 0.10 * (needs.STRAIN > 0)),
    ("Mental and physical health", True, 0.12 + 0.65 * needs.ILL_HEALTH),
    ("Substance use", True, 0.02 + 0.80 * needs.SUBSTANCES),
    ("Family relationships", True, 0.15 + 0.50 * (needs.STRAIN > 0)),
    ("Abuse and exploitation", True, 0.04 + 0.15 * (needs.STRAIN > 1)),
    ("Crime prevention", True, 0.04 + 0.12 * needs.ABSENCE),
    ("Safe from domestic abuse", True, 0.04 + 0.80 * needs.ABUSE),
    ("Secure housing", True, 0.06 + 0.10 * needs.STRAIN),
    ("Financial stability", True, 0.10 + 0.22 * needs.STRAIN),
)
_IS_NEW = np.array([new for _, new, _ in _FORM])
_CHANCES = np.stack([np.asarray(chance, float) for _, _, chance in _FORM])


@dataclass(frozen=True)
class _Offers:
    """One row a family's offer: when made, entered and answered (NEVER where not so), when work ends, by which team."""

    family: NDArray[np.int64]
    day: Days
    entered: Days
    accepted: Days
    declined: Days
    end: Days
    team: NDArray[np.int64]
    needs: NDArray[np.int16]


def hand_over(households: Households, rng: np.random.Generator) -> Handover:
    """Return the register of Families First, from the start of its feed."""
    district = households.district
    offers = _offers(households, rng)
    offers = rows_where(offers, offers.entered <= district.last_day)
    people = members(district, offers.family, offers.day, rng, partners=0.6)
    known = identities.register(len(district.people), [(people.person, offers.entered[people.row])], "FF", 7, rng)
    tables = (
        _people(district, known, rng),
        _links(people, offers.entered, known),
        _offer_table(district, offers, people, known, rng),
        _needs_table(district, offers, people, known, rng),
        _work_table(district, offers, people, known, rng),
    )
    return Handover("families_first", tables, known.reference, known.person)


def _offers(households: Households, rng: np.random.Generator) -> _Offers:
    """Return the offers made to families, one at a time each."""
    happened = households.happen(rng, _OFFERS)
    happened = rows_where(happened, happened.day >= FEED_START)
    count = happened.day.size
    leaves = households.families.leaves[happened.family]
    answered = happened.day + 2 + rng.exponential(12.0, count).astype(np.int32)
    draw = np.where(answered < leaves, rng.random(count), 1.0)
    lasts = _LASTS_AT_LEAST + rng.exponential(_LASTS_BEYOND, count).astype(np.int32)
    end = np.minimum(np.where(draw < _ACCEPTED, answered + lasts, happened.day + 90), leaves)
    children = households.district.children.of(happened.family, happened.day)[0]
    has_child = np.bincount(children, minlength=count) > 0
    kept = one_at_a_time(happened.family, happened.day, end)
    kept = np.sort(kept[has_child[kept]])
    made = _Offers(
        family=happened.family,
        day=happened.day,
        entered=(happened.day + delay(count, 3.0, rng)).astype(np.int32),
        accepted=np.where(draw < _ACCEPTED, answered, NEVER).astype(np.int32),
        declined=np.where((draw >= _ACCEPTED) & (draw < _ACCEPTED + _DECLINED), answered, NEVER).astype(np.int32),
        end=np.where(draw < _ACCEPTED, end, NEVER).astype(np.int32),
        team=(rng.random(count) < _INTENSIVE * (0.6 + 0.4 * needs.STRAIN[happened.needs])).astype(np.int64),
        needs=happened.needs,
    )
    return rows_where(made, kept)


def _day(days: Days) -> pa.Array:
    return spelled(days.astype(np.int32), "%d/%m/%Y")


def _people(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng, style="short")
    columns = {
        "Ref": known.reference,
        "First name": they.given,
        "Last name": they.family,
        "Date of birth": _day(they.born),
        "Sex": words(they.sex, ["Not known", "Male", "Female"]),
        "Ethnicity code": words(they.ethnicity, ALL_ETHNICITIES),
        "House": they.address.number,
        "Street": they.address.street,
        "Town": they.address.town,
        "Postcode": they.address.postcode,
        "Added": _day(known.since),
    }
    return Table("FF_People.csv", columns)


def _links(people: Members, entered: Days, known: Register) -> Table:
    """Return who was written down with which carer, once each."""
    others = np.flatnonzero(~people.is_carer)
    pair = people.carer[others] * 2**31 + people.person[others]
    rows = others[np.sort(np.unique(pair, return_index=True)[1])]
    columns = {
        "Carer Ref": known.references(people.carer[rows]),
        "Member Ref": known.references(people.person[rows]),
        "Added": _day(entered[people.row[rows]]),
    }
    return Table("FF_Family.csv", columns)


def _offer_table(
    district: District, offers: _Offers, people: Members, known: Register, rng: np.random.Generator
) -> Table:
    """Return one row an offer, on the carer to whom it was made."""
    carer = people.carer[people.is_carer]
    wait = delay(offers.day.size, 4.0, rng)
    answered = np.minimum(offers.accepted, offers.declined)
    recorded = np.where(answered == NEVER, NEVER, np.maximum(np.minimum(answered, NEVER - 99) + wait, offers.entered))
    accepted, _ = blank_unknown(offers.accepted, recorded, district)
    declined, recorded = blank_unknown(offers.declined, recorded, district)
    columns = {
        "Offer Ref": numbered("OF", np.arange(offers.day.size) + 10_001, 6),
        "Ref": known.references(carer),
        "Team": words(offers.team, TEAMS),
        "Offered": _day(offers.day),
        "Entered": _day(offers.entered),
        "Accepted": _day(accepted),
        "Declined": _day(declined),
        "Answer entered": _day(recorded),
    }
    return Table("FF_Offers.csv", columns)


def _needs_table(
    district: District, offers: _Offers, people: Members, known: Register, rng: np.random.Generator
) -> Table:
    """Return the needs noted at the start of work, on one child of the family; none since the programme's end."""
    children = np.flatnonzero(district.people.role[people.person] == CHILD)
    first = children[one_of_each(people.row[children], np.ones(children.size), rng.exponential(size=children.size))]
    child = np.full(offers.day.size, -1)
    child[people.row[first]] = people.person[first]
    noted = np.where(offers.accepted == NEVER, NEVER, offers.accepted)
    recorded = np.maximum(np.minimum(noted, NEVER - 99) + delay(noted.size, 5.0, rng), offers.entered)
    open_form = (noted <= NEEDS_UNTIL) & (recorded <= district.last_day)
    right_form = (noted >= NEW_OUTCOMES)[None, :] == _IS_NEW[:, None]
    ticked = (rng.random(right_form.shape) < _CHANCES[:, offers.needs]) & right_form & open_form
    row, need = np.nonzero(ticked.T)
    columns = {
        "Ref": known.references(child[row]),
        "Need": words(need, [name for name, _, _ in _FORM]),
        "Noted": _day(noted[row]),
        "Entered": _day(recorded[row]),
    }
    return Table("FF_Needs.csv", columns)


def _work_table(
    district: District, offers: _Offers, people: Members, known: Register, rng: np.random.Generator
) -> Table:
    """Return work with each member of the families that accepted."""
    rows = np.flatnonzero(offers.accepted[people.row] != NEVER)
    offer = people.row[rows]
    start, end = offers.accepted[offer], offers.end[offer]
    worked = episodes(people.person[rows], start, end, rng, offers.team[offer])
    # What a worker begins is known when the person is: no earlier than the offer was entered.
    late = np.maximum(worked.recorded, known.since[known.rows(worked.person)])
    held = episodes_on_record(replace(worked, recorded=late), district, FEED_START)
    columns = {
        "Work Ref": numbered("W", held.number + 100_001, 7),
        "Ref": known.references(held.person),
        "Team": words(held.kind, TEAMS),
        "Started": _day(held.start),
        "Start entered": _day(held.recorded),
        "Ended": _day(held.end),
        "End entered": _day(held.end_recorded),
    }
    return Table("FF_Work.csv", columns)
