"""What children's social care and early help hand over: the tables of their case system, as its screens word things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.synthetic import referral_sources
from targeting.synthetic.calendar import FIRST_DAY, Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.contacts import OUTCOMES, PRIORITIES, Contacts
from targeting.synthetic.district import District
from targeting.synthetic.episodes import (
    CATEGORIES,
    CLOSURE_REASONS,
    DISABILITY_NEED,
    EARLY_HELP_OUTCOMES,
    ENQUIRY_OUTCOMES,
    LEGAL_STATUSES,
    PRIMARY_NEEDS,
    Assessments,
    Episodes,
    Referrals,
)
from targeting.synthetic.factors import ticked
from targeting.synthetic.identities import Register
from targeting.synthetic.migration import (
    CaseNumbers,
    case_numbers,
    episodes_that_came,
    referrals_that_came,
)
from targeting.synthetic.on_record import blank_unknown, episodes_on_record
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.population import CARER, GRANDPARENT, OTHER_PARENT, PARTNER
from targeting.synthetic.restricted import restricted_table
from targeting.synthetic.social_care_people import (
    addresses_table,
    day,
    involved,
    leavers_table,
    persons_table,
    relationships_table,
)
from targeting.synthetic.writing import NO_DAY, Handover, Table, blank_where, numbered, together, words

_Held = TypeVar("_Held", Referrals, Assessments, Episodes)

EARLY_HELP_START = day_of(date(2019, 9, 2))

# Assumptions: how often adults are taken down beside the children.
_TAKEN_DOWN = ((CARER, 0.95), (PARTNER, 0.70), (OTHER_PARENT, 0.45), (GRANDPARENT, 0.25))


@dataclass(frozen=True)
class _Known:
    """What is in the system on the day of the extract."""

    contacts: Contacts
    referrals: Referrals
    assessments: Assessments
    enquiries: Episodes
    in_need_plans: Episodes
    protection_plans: Episodes
    pre_proceedings: Episodes
    care: Episodes
    early_help: Episodes
    early_help_source: NDArray[np.int64]


def _in_system(start: Days, recorded: Days, district: District) -> NDArray[np.bool_]:
    return (start >= FIRST_DAY) & (recorded <= district.last_day)


def _referrals_known(referrals: Referrals, district: District) -> Referrals:
    held = rows_where(referrals, referrals.recorded <= district.last_day)
    nfa_on, nfa_recorded = blank_unknown(held.nfa_on, held.nfa_recorded, district)
    closed_on, closed_recorded = blank_unknown(held.closed_on, held.closed_recorded, district)
    return replace(held, nfa_on=nfa_on, nfa_recorded=nfa_recorded, closed_on=closed_on, closed_recorded=closed_recorded)


def _known(pathway: Pathway, contacts: Contacts, district: District, rng: np.random.Generator) -> _Known:
    """Return what the system holds of it all: what came across, and what followed a contact or early help on record."""
    made = _in_system(contacts.day, contacts.recorded, district)
    contacts = rows_where(contacts, made)
    early_help = episodes_on_record(pathway.early_help, district, EARLY_HELP_START)
    referrals = referrals_that_came(pathway.referrals, rng)
    in_need_plans = episodes_that_came(pathway.in_need_plans, FIRST_DAY)
    met = np.zeros(len(district.people), bool)
    met[contacts.person] = met[early_help.person] = True
    for rows in (referrals, in_need_plans, pathway.protection_plans, pathway.pre_proceedings, pathway.care):
        met[rows.person[rows.start < FIRST_DAY]] = True

    def of_met(rows: _Held) -> _Held:
        return rows_where(rows, met[rows.person])

    def that_came(rows: Episodes) -> Episodes:
        return episodes_on_record(episodes_that_came(of_met(rows)), district)

    assessments = of_met(pathway.assessments)
    return _Known(
        contacts=contacts,
        referrals=_referrals_known(of_met(referrals), district),
        assessments=rows_where(assessments, _in_system(assessments.day, assessments.recorded, district)),
        enquiries=episodes_on_record(of_met(pathway.enquiries), district, FIRST_DAY),
        in_need_plans=episodes_on_record(of_met(in_need_plans), district),
        protection_plans=that_came(pathway.protection_plans),
        pre_proceedings=that_came(pathway.pre_proceedings),
        care=that_came(pathway.care),
        early_help=early_help,
        early_help_source=pathway.early_help_source[early_help.number],
    )


def _numbers(known: _Known, district: District, rng: np.random.Generator) -> CaseNumbers:
    """Return everyone in the system: children with what came across, their first contact or early help, and adults."""
    came = (known.referrals, known.in_need_plans, known.protection_plans, known.pre_proceedings, known.care)
    before = [rows.person[rows.start < FIRST_DAY] for rows in came]
    since = [
        (known.contacts.person, known.contacts.recorded),
        (known.early_help.person, known.early_help.recorded),
    ]
    moved = np.unique(np.concatenate(before))
    seen = [*since, (moved, np.full(moved.size, FIRST_DAY, np.int32))]
    child, when = (np.concatenate(columns) for columns in zip(*seen, strict=True))
    for taken_down in _TAKEN_DOWN:
        since.append(involved(district, (child, when), taken_down, rng))
    return case_numbers(len(district.people), came, since, rng)


def hand_over(district: District, pathway: Pathway, contacts: Contacts, rng: np.random.Generator) -> Handover:
    """Return social care's and early help's files."""
    known = _known(pathway, contacts, district, rng)
    numbers = _numbers(known, district, rng)
    register, old = numbers.register, numbers.old
    disabled = np.zeros(len(district.people), bool)
    disabled[known.referrals.person[known.referrals.primary_need == DISABILITY_NEED]] = True
    in_case = np.zeros(len(district.families), bool)
    in_case[district.people.family[known.referrals.person]] = True
    people = (
        together(persons_table(district, register, disabled, rng), persons_table(district, old, disabled, rng)),
        together(addresses_table(district, register, rng), addresses_table(district, old, rng)),
        relationships_table(district, register, rng),
        leavers_table(district, register, in_case, rng),
    )
    tables = (*people, *_contact_tables(known, numbers), *_assessment_tables(known, register, district, rng))
    return Handover(
        "social_care",
        (*tables, *_episode_tables(known, numbers), restricted_table(district, register)),
        pa.concat_arrays([register.reference, old.reference]),
        np.concatenate([register.person, old.person]),
    )


def _contact_tables(known: _Known, numbers: CaseNumbers) -> Sequence[Table]:
    contacts, referrals = known.contacts, known.referrals
    nfa, closed = referrals.nfa_on != NO_DAY, referrals.closed_on != NO_DAY
    return (
        Table(
            "LCS_Contacts.csv",
            {
                "Contact ID": numbered("C", contacts.number + 100_001, 7),
                "Person ID": numbers.references(contacts.person),
                "Contact Date": day(contacts.day),
                "Contact Source": words(contacts.source, referral_sources.LABELS),
                "Contact Outcome": words(contacts.outcome, OUTCOMES),
                "Outcome Recorded On": day(contacts.recorded),
                "Case Priority": words(contacts.priority, PRIORITIES),
            },
        ),
        Table(
            "LCS_Referrals.csv",
            {
                "Referral ID": numbered("R", referrals.number + 10_001, 6),
                "Person ID": numbers.of_rows(referrals),
                "Referral Date": day(referrals.start),
                "Recorded On": day(referrals.recorded),
                "Referral Source": words(referrals.source, referral_sources.LABELS),
                "Primary Need": words(referrals.primary_need, PRIMARY_NEEDS),
                "NFA Date": day(referrals.nfa_on),
                "NFA Recorded On": blank_where(day(referrals.nfa_recorded), ~nfa),
                "Closed On": day(referrals.closed_on),
                "Closure Reason": blank_where(words(referrals.reason, CLOSURE_REASONS), ~closed),
                "Closure Recorded On": blank_where(day(referrals.closed_recorded), ~closed),
            },
        ),
    )


def _assessment_tables(
    known: _Known, register: Register, district: District, rng: np.random.Generator
) -> Sequence[Table]:
    assessments = known.assessments
    number = numbered("A", assessments.number + 10_001, 6)
    reference = register.references(assessments.person)
    factors = ticked(assessments, district.age_on(assessments.person, assessments.day) >= 11, rng)
    row = pa.array(factors.assessment)
    return (
        Table(
            "LCS_Assessments.csv",
            {
                "Assessment ID": number,
                "Person ID": reference,
                "Authorised On": day(assessments.day),
                "Recorded On": day(assessments.recorded),
                "Outcome": words(assessments.in_need.astype(int), ["Not in need", "Child in need"]),
                "Primary Need": words(assessments.primary_need, PRIMARY_NEEDS),
            },
        ),
        Table(
            "LCS_Assessment_Factors.csv",
            {
                "Assessment ID": number.take(row),
                "Person ID": reference.take(row),
                "Authorised On": day(assessments.day[factors.assessment]),
                "Recorded On": day(assessments.recorded[factors.assessment]),
                "Factor": pa.array(factors.code),
            },
        ),
    )


def _episode_table(
    file: str,
    episodes: Episodes,
    numbers: CaseNumbers,
    names: tuple[str, str, str, str, str],
    kind: Mapping[str, pa.Array],
) -> Table:
    """Return a table of episodes; `names` are its columns of reference, start, record of it, end, record of that."""
    prefix = "".join(word[0] for word in names[0].split())
    reference, start, recorded, end, end_recorded = names
    columns = {
        reference: numbered(prefix, episodes.number + 10_001, 6),
        "Person ID": numbers.of_rows(episodes),
        start: day(episodes.start),
        recorded: day(episodes.recorded),
        **kind,
    }
    if end:
        columns |= {end: day(episodes.end), end_recorded: day(episodes.end_recorded)}
    return Table(file, columns)


def _episode_tables(known: _Known, numbers: CaseNumbers) -> Sequence[Table]:
    plan = ("Plan ID", "Plan Start", "Start Recorded On", "Plan End", "End Recorded On")
    enquiry = ("Enquiry ID", "Started On", "Start Recorded On", "Outcome Date", "Outcome Recorded On")
    helped = ("Episode ID", "Opened On", "Opening Recorded On", "Closed On", "Closure Recorded On")
    undecided, helping = known.enquiries.end == NO_DAY, known.early_help.end == NO_DAY
    outcome = blank_where(words(known.enquiries.kind, ENQUIRY_OUTCOMES), undecided)
    how = blank_where(words(known.early_help.kind, EARLY_HELP_OUTCOMES), helping)
    asked = words(known.early_help_source, referral_sources.LABELS)
    category = words(known.protection_plans.kind, CATEGORIES)
    period = ("Period ID", "Care Start", "Start Recorded On", "Care End", "End Recorded On")
    status = words(known.care.kind, LEGAL_STATUSES)
    letter = ("PLO ID", "Letter Sent On", "Recorded On", "", "")
    return (
        _episode_table("LCS_Section47.csv", known.enquiries, numbers, enquiry, {"Outcome": outcome}),
        _episode_table("LCS_CIN_Plans.csv", known.in_need_plans, numbers, plan, {}),
        _episode_table("LCS_CP_Plans.csv", known.protection_plans, numbers, plan, {"Initial Category": category}),
        _episode_table("LCS_Pre_Proceedings.csv", known.pre_proceedings, numbers, letter, {}),
        _episode_table("LCS_Care_Periods.csv", known.care, numbers, period, {"Legal Status": status}),
        _episode_table(
            "EHM_Episodes.csv", known.early_help, numbers, helped, {"Requested By": asked, "Closure Outcome": how}
        ),
    )
