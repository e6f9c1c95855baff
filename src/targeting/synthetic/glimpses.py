"""Records that show a household's needs at one moment: who turned to the front door, how help ended, what was noted.

Their absence says nothing of the needs. Of a pupil the latest term on record is read alone: terms share the pupil's own
habit, which is never seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import early_help, early_years, needs, referral_sources, schooling
from targeting.synthetic.calendar import Days, day_of, start_of, step_of
from targeting.synthetic.columns import rows_where, stacked
from targeting.synthetic.course import Course
from targeting.synthetic.district import District
from targeting.synthetic.early_years import NOT_BROUGHT, SEEN
from targeting.synthetic.episodes import MET, UNMET
from targeting.synthetic.evidence import Floats, Glimpses, Ints
from targeting.synthetic.maternity import Noted
from targeting.synthetic.opened_cases import Worked
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.schooling import Pupils, PupilTerms
from targeting.synthetic.sightings import youngest
from targeting.synthetic.stage_records import help_rows

ALL_NEEDS = np.arange(needs.NEEDS)
SELF = referral_sources.LABELS.index("Individual - self")
# Nodes and weights of the integral over a pupil's habit: evenly spaced, for a term's sessions tell it narrowly.
_NODES = np.linspace(-4, 4, 81)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()


@dataclass(frozen=True)
class Terms:
    """What schools returned of each pupil and term."""

    pupils: Pupils
    attended: PupilTerms
    received: Ints
    middle: Days
    first: Ints


def lasting_glimpses(district: District, course: Course, worked: Worked, pathway: Pathway, noted: Noted) -> Glimpses:
    """Return every glimpse but those of schools."""
    parts = (
        _of_openings(district, worked, pathway),
        *_of_help(district, pathway),
        _of_bookings(district, noted),
        _of_visits(district, noted),
    )
    return _since_here(stacked(parts), course)


def _since_here(glimpses: Glimpses, course: Course) -> Glimpses:
    """Return glimpses, none of a time before the family came: the needs on its first day are what was seen then."""
    step = np.maximum(glimpses.step, course.first_step[glimpses.family])
    return Glimpses(glimpses.family, step, glimpses.recorded, glimpses.likelihood)


def _of_openings(district: District, worked: Worked, pathway: Pathway) -> Glimpses:
    """Return who referred the families whose cases were opened."""
    named, cases, referrals = worked.named, worked.cases, pathway.referrals
    row = youngest(district.people, named.person, named.row)
    case = named.row[row]
    step = step_of(cases.start[case]) + 1
    likelihood = referral_sources.chances(worked.source[case], cases.start[case])
    return Glimpses(cases.family[case], step, referrals.recorded[row], likelihood)


def _of_help(district: District, pathway: Pathway) -> Iterator[Glimpses]:
    """Return who asked for early help, and whether needs were met when it ended."""
    row, family, aged = help_rows(district, pathway)
    helped, source = pathway.early_help, pathway.early_help_source[row]
    start = helped.start[row]
    own = early_help.ASKED_THEMSELVES
    asked = (1 - own) * referral_sources.chances(source, start) + own * (source == SELF)[:, None]
    yield Glimpses(family, step_of(start) + 1, helped.recorded[row], asked)
    ended = np.flatnonzero(np.isin(helped.kind[row], (MET, UNMET)) & ~aged)
    unmet = early_help.UNMET_CHANCE
    met = 1 - early_help.WITHDRAWN_CHANCE - unmet
    rows = row[ended]
    likelihood = np.where((helped.kind[rows] == UNMET)[:, None], unmet, met)
    yield Glimpses(family[ended], step_of(helped.end[rows]) + 1, helped.end_recorded[rows], likelihood)


def _of_bookings(district: District, noted: Noted) -> Glimpses:
    """Return what a midwife noted at the booking: concern for the mother's mood, and whether she drinks."""
    booked = noted.pregnancies
    family = district.people.family[booked.baby]
    community = district.families.community[family]
    concern = early_years.seeing_chance(community[:, None], ALL_NEEDS[None, :])
    drinks = early_years.DRINKS
    likelihood = np.where((booked.concern == 1)[:, None], concern, 1 - concern)
    likelihood = likelihood * np.where((booked.alcohol > 0)[:, None], drinks, 1 - drinks)
    return Glimpses(family, step_of(booked.booked), booked.recorded, likelihood)


def _of_visits(district: District, noted: Noted) -> Glimpses:
    """Return whether children were brought to the contacts due after the birth."""
    visits = rows_where(noted.visits, (noted.visits.kind > 0) & np.isin(noted.visits.outcome, (SEEN, NOT_BROUGHT)))
    declined, not_offered = early_years.chances_of_no_visit(visits.kind, visits.day)
    absent = early_years.NOT_BROUGHT_TO
    seen = np.maximum(1 - absent - (declined + not_offered)[:, None], 1e-3)
    likelihood = np.where((visits.outcome == NOT_BROUGHT)[:, None], absent, seen)
    return Glimpses(district.people.family[visits.child], step_of(visits.day), visits.entered, likelihood)


def terms_returned(district: District, pupils: Pupils, attended: PupilTerms) -> Terms:
    """Return what schools returned, with the day of receipt and the middle of each term."""
    terms = schooling.returned_terms(district.last_day)
    first = np.array([day_of(term.first) for term in terms], np.int64)[attended.term]
    last = np.array([day_of(term.last) for term in terms], np.int64)[attended.term]
    received = schooling.term_received(pupils, attended, district.last_day)
    return Terms(pupils, attended, received, ((first + last) // 2).astype(np.int32), first)


def school_glimpses(district: District, course: Course, terms: Terms, family: Ints, step: int) -> Glimpses:
    """Return what the latest term on record by a date says of each pupil of some families."""
    of_pupil = district.people.family[terms.pupils.person]
    person = terms.pupils.person[terms.attended.pupil]
    wanted = np.isin(of_pupil[terms.attended.pupil], family) & (terms.received < int(start_of(np.array(step))))
    wanted &= terms.received >= terms.pupils.first_return[terms.attended.pupil]
    rows = np.flatnonzero(wanted)
    rows = rows[np.lexsort((terms.attended.term[rows], person[rows]))]
    last = np.append(person[rows][1:] != person[rows][:-1], True)[: rows.size]
    rows = rows[last]
    families = of_pupil[terms.attended.pupil[rows]]
    recorded = terms.received[rows].astype(np.int32)
    likelihood = absence_likelihood(district, terms, rows)
    return _since_here(Glimpses(families, step_of(terms.middle[rows]), recorded, likelihood), course)


def absence_likelihood(district: District, terms: Terms, rows: Ints) -> Floats:
    """Return the likelihood, by needs, of the sessions missed in terms, up to a factor; (rows, 48).

    A pupil's habit, and whether it stays away altogether once out of touch with school, are integrated out.
    """
    attended = rows_where(terms.attended, rows)
    secondary = attended.secondary[:, None]
    community = district.people.community[terms.pupils.person[attended.pupil]]
    usual = schooling.usual_log_odds(secondary, community[:, None], schooling.BY_NEED[None, :])
    usual = usual + np.array([schooling.of_pandemic(int(first)) for first in terms.first[rows]])[:, None]
    share = schooling.stays_away_share(secondary) * (needs.ABSENCE == 1)
    here = _of_log_odds(attended, usual)
    away = _of_log_odds(attended, usual + schooling.STAYING_AWAY)
    most = np.maximum(here, away).max(axis=1, keepdims=True)
    return np.asarray((1 - share) * np.exp(here - most) + share * np.exp(away - most))


def _of_log_odds(attended: PupilTerms, usual: Floats) -> Floats:
    """Return the log likelihood of sessions missed by the usual log odds, up to a constant a row."""
    secondary = attended.secondary[:, None]
    spread = np.hypot(schooling.SPREAD_PUPIL * schooling.habit_weight(secondary), schooling.SPREAD_TERM)
    missed = (attended.authorised + attended.unauthorised)[:, None]
    unauthorised, possible = attended.unauthorised[:, None], attended.possible[:, None]
    total: NDArray[np.float64] = np.full(usual.shape, -np.inf)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        rate = np.clip(1 / (1 + np.exp(-(usual + spread * node))), 1e-12, 1 - 1e-12)
        share = schooling.unauthorised_share(rate, secondary)
        log = missed * np.log(rate) + (possible - missed) * np.log1p(-rate)
        log += unauthorised * np.log(share) + (missed - unauthorised) * np.log1p(-share)
        total = np.logaddexp(total, log + np.log(weight))
    return total
