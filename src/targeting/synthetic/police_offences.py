"""What the police hand over of custody and disposals: people by references of their own, offences dealt with."""

from datetime import date

import numpy as np
import pyarrow as pa

from targeting.synthetic import identities
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.described import describe
from targeting.synthetic.district import District
from targeting.synthetic.identities import ALL_ETHNICITIES, Habits, Register
from targeting.synthetic.names import NameHabits
from targeting.synthetic.offending import CATEGORIES, DISPOSALS, Offences
from targeting.synthetic.police import SELF_DEFINED_ETHNICITY
from targeting.synthetic.writing import Handover, Table, numbered, spelled, words

FEED_START = day_of(date(2020, 4, 1))

HABITS = Habits(
    names=NameHabits(spelling=0.16, nickname=0.03, slip=0.015, half=0.25),
    day_month_swapped=0.008,
    birth_wrong=0.01,
    nhs_missing=1.0,
    address_missing=0.04,
    address_old=0.10,
    ethnicity_missing=0.10,
    ethnicity_refused=0.03,
)


def hand_over(district: District, offences: Offences, rng: np.random.Generator) -> Handover:
    """Return the files of custody and disposals, from the start of the feed."""
    kept = (offences.day >= FEED_START) & (offences.recorded <= district.last_day)
    held = rows_where(offences, kept)
    known = identities.register(len(district.people), [(held.person, held.recorded)], "C", 7, rng)
    return Handover(
        "police_offences", (_persons(district, known, rng), _disposals(held, known)), known.reference, known.person
    )


def _day(days: Days) -> pa.Array:
    return spelled(days, "%d-%b-%Y")


def _table(file: str, columns: dict[str, pa.Array]) -> Table:
    return Table(file, columns, delimiter="|", encoding="cp1252")


def _persons(district: District, known: Register, rng: np.random.Generator) -> Table:
    they = describe(district, known, HABITS, rng, style="upper")
    columns = {
        "CUSTODY_REF": known.reference,
        "SURNAME": pa.compute.utf8_upper(identities.western(they.family)),
        "FORENAMES": pa.compute.utf8_upper(identities.western(they.given)),
        "DOB": spelled(they.born, "%Y%m%d"),
        "SEX": words(they.sex, ["U", "M", "F"]),
        "SDE": words(they.ethnicity, [SELF_DEFINED_ETHNICITY[code] for code in ALL_ETHNICITIES]),
        "ADDR_NO": pa.compute.utf8_upper(they.address.number),
        "ADDR_STREET": they.address.street,
        "ADDR_TOWN": they.address.town,
        "ADDR_POSTCODE": they.address.postcode,
        "CREATED": _day(known.since),
    }
    return _table("CUSTODY_PERSONS.csv", columns)


def _disposals(held: Offences, known: Register) -> Table:
    columns = {
        "DISPOSAL_REF": numbered("DSP", np.arange(held.day.size) * 3 + 500_000, 8),
        "CUSTODY_REF": known.references(held.person),
        "DISPOSAL_DATE": _day(held.day),
        "ENTERED": _day(held.recorded),
        "OFFENCE_GROUP": words(held.category, CATEGORIES),
        "DISPOSAL": words(held.disposal, DISPOSALS),
    }
    return _table("DISPOSALS.csv", columns)
