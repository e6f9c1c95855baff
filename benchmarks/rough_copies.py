"""Labelled files made from a synthetic district's true people, copied carelessly: what linkage is developed on.

Two kinds: a register typed by hand (names, birth, address), and contacts left on web sites (names, birth, town, email).
Both lack what an agency's extract has, and both are wrong far more often.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TOWNS = [
    "London",
    "Birmingham",
    "Leeds",
    "Glasgow",
    "Sheffield",
    "Bradford",
    "Edinburgh",
    "Liverpool",
    "Manchester",
    "Bristol",
    "Wakefield",
    "Cardiff",
    "Coventry",
    "Nottingham",
    "Leicester",
    "Sunderland",
    "Belfast",
    "Newcastle",
    "Brighton",
    "Hull",
    "Plymouth",
    "Wolverhampton",
    "Derby",
    "Swansea",
]
DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")

Row = dict[str, str]


@dataclass(frozen=True)
class Carelessness:
    """How often a value is left out, is mistyped (and how many slips then), or given and family names change places."""

    missing: float
    mistyped: float
    slips: float
    swapped: float


TYPED_REGISTER = Carelessness(missing=0.05, mistyped=0.15, slips=1.6, swapped=0.03)
WEB_CONTACTS = Carelessness(missing=0.18, mistyped=0.25, slips=1.6, swapped=0.05)


def write_copies(people: Sequence[Row], path: Path, how: Carelessness, *, copies: Callable[[], int], seed: int) -> None:
    """Write each person's record and careless copies of it to a CSV, shuffled; `person` tells whose they are."""
    rng = np.random.default_rng(seed)
    rows = [row for person in people for row in _copies(person, copies(), how, rng)]
    order = rng.permutation(len(rows))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows[number] for number in order)


def _copies(person: Row, count: int, how: Carelessness, rng: np.random.Generator) -> list[Row]:
    return [person, *(_careless(person, how, rng) for _ in range(count))]


def _careless(person: Row, how: Carelessness, rng: np.random.Generator) -> Row:
    row = dict(person)
    if rng.random() < how.swapped:
        row["given_name"], row["family_name"] = row["family_name"], row["given_name"]
    for field in [name for name in row if name != "person"]:
        if rng.random() < how.missing and field != "date_of_birth":
            row[field] = ""
        elif rng.random() < how.mistyped:
            row[field] = (
                _mistyped_date(row[field], rng) if field == "date_of_birth" else _mistyped(row[field], how, rng)
            )
    return row


def _mistyped(text: str, how: Carelessness, rng: np.random.Generator) -> str:
    for _ in range(rng.poisson(how.slips - 1) + 1):
        if len(text) < 2:
            return text
        at = int(rng.integers(len(text) - 1))
        letter = str(rng.integers(10)) if text[at].isdigit() else LETTERS[rng.integers(26)]
        text = (
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at + 1 :],
            text[:at] + letter + text[at:],
            text[:at] + letter + text[at + 1 :],
        )[rng.integers(4)]
    return text


def _mistyped_date(text: str, rng: np.random.Generator) -> str:
    year, month, day = (int(part) for part in text.split("-"))
    kind = rng.integers(4)
    if kind == 0 and day <= 12:
        month, day = day, month
    elif kind == 1:
        day = int(rng.integers(1, 29))
    elif kind == 2:
        month = int(rng.integers(1, 13))
    else:
        year += int(rng.integers(-3, 4))
    if rng.random() < 0.3:
        day = min(28, max(1, day + int(rng.integers(-2, 3))))
    return f"{year:04}-{month:02}-{min(day, 28):02}"


def people_of(extracts: Path, limit: int) -> list[Row]:
    """Return the first people of a synthetic district's maternity register as typed: siblings, twins and mothers."""
    with (extracts / "maternity" / "Patients.csv").open(encoding="utf-8-sig", newline="") as file:
        patients = [row for row in csv.DictReader(file) if row["FirstName"] and row["DateOfBirth"]]
    return [
        {
            "person": row["PatientId"],
            "given_name": row["FirstName"],
            "family_name": row["LastName"],
            "date_of_birth": row["DateOfBirth"][:10],
            "house_number": row["AddressNumber"],
            "address": row["AddressStreet"],
            "locality": row["AddressTown"],
            "postcode": row["Postcode"],
        }
        for row in patients[:limit]
    ]


def as_contacts(people: Sequence[Row], seed: int) -> list[Row]:
    """Return people as a web site has them: a town of the country, an email made from the name, no address."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, len(TOWNS) + 1)
    towns = rng.choice(TOWNS, len(people), p=share / share.sum())
    kept = ("person", "given_name", "family_name", "date_of_birth")
    return [
        {name: row[name] for name in kept} | {"locality": str(town), "email": _email(row, rng)}
        for row, town in zip(people, towns, strict=True)
    ]


def _email(row: Row, rng: np.random.Generator) -> str:
    given, family = row["given_name"].lower().split()[-1], row["family_name"].lower().replace(" ", "")
    name = (f"{given}.{family}", f"{given[0]}.{family}", given + family[0], family)[rng.integers(4)]
    return f"{name}{rng.integers(1, 99) if rng.random() < 0.6 else ''}@{DOMAINS[rng.integers(len(DOMAINS))]}"
