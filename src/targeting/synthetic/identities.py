"""Each agency's own record of a person: its reference, and its imperfect copy of name, birth, number and address."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.synthetic import names
from targeting.synthetic.addresses import street_words
from targeting.synthetic.calendar import NEVER, Days, date_of, day_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.communities import CODES
from targeting.synthetic.district import District
from targeting.synthetic.ragged import earliest
from targeting.synthetic.wards import WARDS
from targeting.synthetic.writing import NO_DAY, blank_where, numbered, words

TOWN = "Bradford"


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How an agency copies people: its names' habits, then how often each other thing goes wrong or is missing."""

    names: names.NameHabits
    day_month_swapped: float = 0.01
    birth_wrong: float = 0.01
    birth_missing: float = 0.0
    nhs_missing: float = 0.1
    nhs_wrong: float = 0.005
    address_missing: float = 0.02
    address_old: float = 0.1
    ethnicity_missing: float = 0.05
    ethnicity_refused: float = 0.01


@dataclass(frozen=True)
class Register:
    """An agency's people: which true persons, since when, and by which reference. Sorted by reference."""

    person: NDArray[np.int64]
    since: Days
    reference: pa.Array
    row_of: NDArray[np.int64]

    def rows(self, person: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the register's row of each person; -1 where the agency never met the person."""
        return self.row_of[person]

    def references(self, person: NDArray[np.int64]) -> pa.Array:
        """Return the agency's references of people whom it knows."""
        return self.reference.take(pa.array(self.rows(person)))


def register(
    people: int, seen: Sequence[tuple[NDArray[np.int64], Days]], prefix: str, digits: int, rng: np.random.Generator
) -> Register:
    """Return the register of everyone seen, since the first day; references rise with it, with gaps."""
    person = np.concatenate([who for who, _ in seen])
    day = np.concatenate([when for _, when in seen])
    first = earliest(person, day, people, int(NEVER))
    known = np.flatnonzero(first != NEVER)
    known = known[np.lexsort((rng.random(known.size), first[known]))]
    number = 10 ** (digits - 1) + 3 * np.arange(known.size) + rng.integers(0, 3, known.size)
    row_of = np.full(people, -1, np.int64)
    row_of[known] = np.arange(known.size)
    return Register(known, first[known], numbered(prefix, number, digits), row_of)


@dataclass(frozen=True)
class Copy:
    """An agency's copy of its people, a row each, still as numbers; `stay` is the row of the address it holds."""

    names: names.Names
    born: Days
    sex: NDArray[np.int8]
    ethnicity: NDArray[np.int8]
    nhs_number: NDArray[np.int64]
    stay: NDArray[np.int64]


REFUSED, NOT_OBTAINED = len(CODES), len(CODES) + 1
ALL_ETHNICITIES = (*CODES, "REFU", "NOBT")


def copy(district: District, person: NDArray[np.int64], since: Days, habits: Habits, rng: np.random.Generator) -> Copy:
    """Return an agency's copy of people as it first took it down; NHS number 0 where missing, stay -1 likewise."""
    count = person.size
    draw = rng.random((5, count))
    ethnicity = district.people.community[person].copy()
    ethnicity[draw[0] < habits.ethnicity_missing] = NOT_OBTAINED
    ethnicity[draw[0] > 1 - habits.ethnicity_refused] = REFUSED
    nhs_number = np.where(draw[1] < habits.nhs_missing, 0, district.nhs_number[person])
    nhs_number = np.where(draw[1] > 1 - habits.nhs_wrong, nhs_number + 10 ** rng.integers(0, 4, count), nhs_number)
    stay = district.address_on(person, since)
    first = district.stays.starts[district.stays.household[stay]]
    stay = np.where((draw[2] < habits.address_old) & (stay > first), stay - 1, stay)
    return Copy(
        names.miswrite(rows_where(district.names, person), habits.names, rng),
        _births(district.people.born[person], since, habits, rng),
        district.people.sex[person],
        ethnicity,
        np.where(nhs_number > 9_999_999_999, 0, nhs_number),
        np.where(draw[3] < habits.address_missing, -1, stay),
    )


def _births(born: Days, since: Days, habits: Habits, rng: np.random.Generator) -> Days:
    """Return birth days as written: some with day and month swapped, some a little off, some missing.

    No system takes a birth after the day of the record, but for the unborn.
    """
    draw = rng.random(born.size)
    written = born.copy()
    swapped = np.flatnonzero(draw < habits.day_month_swapped)
    written[swapped] = [_swap(int(day)) for day in born[swapped]]
    wrong = (draw >= habits.day_month_swapped) & (draw < habits.day_month_swapped + habits.birth_wrong)
    off = np.array([-365, -31, -10, -1, 1, 10, 30, 365])[rng.integers(0, 8, born.size)]
    written = np.where(wrong, written + off, written)
    written = np.where(written > since, born, written)
    return np.where(rng.random(born.size) < habits.birth_missing, NO_DAY, written).astype(np.int32)


def _swap(day: int) -> int:
    when = date_of(day)
    return day_of(when.replace(day=when.month, month=when.day)) if when.day <= 12 else day


def given_names(copied: names.Names, *, upper: bool = False) -> pa.Array:
    """Return given names as texts, two of them parted by a blank."""
    return _joined(copied.given, copied.second, " ", upper=upper)


def family_names(copied: names.Names, *, upper: bool = False) -> pa.Array:
    """Return family names as texts, double ones with a hyphen."""
    return _joined(copied.family, copied.double, "-", upper=upper)


def _joined(first: names.Words, second: names.Words, by: str, *, upper: bool) -> pa.Array:
    texts = np.array([str(word) for word in names.vocabulary().words], dtype=object)
    if upper:
        texts = np.array([word.upper() for word in texts], dtype=object)
    alone = words(first, texts)
    both = pc.binary_join_element_wise(alone, words(np.maximum(second, 0), texts), by)
    return pc.if_else(pa.array(second == names.NONE), alone, both)


def western(texts: pa.Array) -> pa.Array:
    """Return texts in which letters that a western code page lacks are written without their marks."""
    encoded = texts.dictionary_encode()
    plain = [_western_word(str(word)) for word in encoded.dictionary.to_pylist()]
    return pa.array(plain, pa.string()).take(encoded.indices)


# Polish letters that do not come apart into a letter and a mark.
_PLAIN = {"\u0141": "L", "\u0142": "l"}


def _western_word(word: str) -> str:
    return "".join(
        letter if _is_western(letter) else _PLAIN.get(letter, unicodedata.normalize("NFKD", letter)[0])
        for letter in word
    )


def _is_western(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def nhs_numbers(numbers: NDArray[np.int64], *, grouped: bool = False) -> pa.Array:
    """Return NHS numbers as texts, `999 123 4567` where grouped; empty where missing."""
    texts = pa.array(numbers).cast(pa.string())
    if grouped:
        parts = [pc.utf8_slice_codeunits(texts, start, stop) for start, stop in ((0, 3), (3, 6), (6, 10))]
        texts = pc.binary_join_element_wise(*parts, " ")
    return blank_where(texts, numbers == 0)


_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def upns(district: District, person: NDArray[np.int64]) -> pa.Array:
    """Return unique pupil numbers: a check letter, the district's number, an unused school, year, serial."""
    year = (district.people.born[person].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1974) % 100
    number = ((380 * 10_000 + 9000 - person // 1000) * 100 + year) * 1000 + person % 1000
    digits = (number[:, None] // 10 ** np.arange(11, -1, -1, dtype=np.int64)) % 10
    # Digits stand at 23 and after in the check's alphabet: a digit counts for itself and 23, which the modulus drops.
    letter = (digits * np.arange(2, 14)).sum(1) % 23
    return pc.binary_join_element_wise(words(letter, list(_UPN_LETTERS)), pa.array(number).cast(pa.string()), "")


def nhs_numbers_for_tests(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return that many different valid NHS numbers of the test range, 999 at the front, up to 900,000 of them.

    The weighted sum of nine digits decides the tenth (modulus 11); numbers whose tenth would be 10 are not issued.
    """
    body = 999_000_000 + rng.permutation(1_000_000)[: min(2 * count + 100, 1_000_000)]
    digits = (body[:, None] // 10 ** np.arange(8, -1, -1)) % 10
    check = (11 - (digits * np.arange(10, 1, -1)).sum(1) % 11) % 11
    return np.resize((body * 10 + check)[check != 10], count)


@dataclass(frozen=True)
class AddressTexts:
    """Addresses as texts: house number, street, town, postcode, property number, ward code, decile."""

    number: pa.Array
    street: pa.Array
    town: pa.Array
    postcode: pa.Array
    uprn: pa.Array
    ward: pa.Array
    decile: pa.Array


_SHORT = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Close": "Cl", "Terrace": "Terr", "Grove": "Gr", "Drive": "Dr"}


def _streets(style: str) -> list[str]:
    """Return street names in an agency's style: `full`, `short` (St for Street) or `upper`."""
    full = [str(street) for street in street_words()]
    if style == "short":
        full = [
            f"{street.rsplit(' ', 1)[0]} {_SHORT.get(street.rsplit(' ', 1)[1], street.rsplit(' ', 1)[1])}"
            for street in full
        ]
    if style == "upper":
        full = [street.upper() for street in full]
    return full


def address_texts(district: District, stay: NDArray[np.int64], style: str = "full") -> AddressTexts:
    """Return the addresses of rows of `stays` as texts in an agency's style; empty where the row is -1."""
    missing = stay < 0
    address = district.stays.address[np.maximum(stay, 0)]
    book = district.addresses
    number = pa.array(book.number[address]).cast(pa.string())
    flat = pc.binary_join_element_wise("Flat ", pa.array(book.flat[address]).cast(pa.string()), ", ", number, "")
    number = pc.if_else(pa.array(book.flat[address] > 0), flat, number)
    ward = district.areas.ward[book.area[address]]
    postcode = pa.array(book.postcode[address])
    town = pa.array(np.full(address.size, TOWN.upper() if style == "upper" else TOWN, dtype=object))
    texts = (
        number,
        words(book.street[address], _streets(style)),
        town,
        pc.replace_substring(postcode, " ", "") if style == "short" else postcode,
        pa.array(book.uprn[address]).cast(pa.string()),
        words(ward, [w.code for w in WARDS]),
        pa.array(district.areas.decile[book.area[address]]).cast(pa.string()),
    )
    return AddressTexts(*(blank_where(text, missing) for text in texts))
