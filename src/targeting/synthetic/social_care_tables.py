"""Social care's tables as rows of text, with the codes that returns use in place of the words on its screens."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from targeting.synthetic.social_care_people import ETHNICITY_WORDS
from targeting.synthetic.writing import Handover

Row = Mapping[str, str]

SOURCE_CODES = {
    "Police": "6",
    "Schools": "2A",
    "Education services": "2B",
    "Health - GP": "3A",
    "Health - health visitor": "3B",
    "Health - A&E": "3E",
    "Health - other": "3F",
    "Individual - family member/relative/carer": "1A",
    "Individual - self": "1C",
    "Individual - acquaintance": "1B",
    "LA - social care": "5A",
    "LA - other internal": "5B",
    "LA - external": "5C",
    "LA - early help": "5D",
    "Housing": "4",
    "Other legal agency": "7",
    "Other": "8",
    "Anonymous": "9",
}
NEED_CODES = {
    "Abuse or neglect": "N1",
    "Child's disability": "N2",
    "Parental illness/disability": "N3",
    "Family in acute stress": "N4",
    "Family dysfunction": "N5",
    "Socially unacceptable behaviour": "N6",
    "Absent parenting": "N8",
    "Not stated": "N0",
}
CLOSURE_CODES = {
    "": "",
    "Services ceased": "RC7",
    "Closed after assessment - NFA": "RC8",
    "Closed after assessment - early help": "RC9",
    "Transferred to another LA": "RC5",
}
CATEGORY_CODES = {
    "Neglect": "NEG",
    "Physical abuse": "PHY",
    "Sexual abuse": "SAB",
    "Emotional abuse": "EMO",
    "Multiple": "MUL",
}
STATUS_CODES = {"Interim care order": "C1", "Section 20": "V2", "Short breaks": "V4"}
ETHNICITY_CODES = {text: code for code, text in ETHNICITY_WORDS.items()}
DISABILITY_CODES = {
    "": "",
    "None": "NONE",
    "Learning": "LD",
    "Autism": "AUT",
    "Behaviour": "BEH",
    "Communication": "COMM",
    "Mobility": "MOB",
    "Hearing": "HEAR",
    "Other": "DDA",
}
# The census knows early help as a source from 2023 on; before, it was another service of the council.
EARLY_HELP_SOURCE, COUNCIL_SOURCE, EARLY_HELP_SOURCE_SINCE = "5D", "5B", 2023


def iso(day: str) -> str:
    """Return a day of the case system (04/03/2021) as 2021-03-04; empty where there is none."""
    return f"{day[6:]}-{day[3:5]}-{day[:2]}" if day else ""


@dataclass(frozen=True)
class SocialCareTables:
    """The tables of the case system, by file."""

    by_file: Mapping[str, pa.Table]

    @classmethod
    def of(cls, handover: Handover) -> "SocialCareTables":
        """Return what social care handed over."""
        return cls({table.file: pa.table(dict(table.columns)) for table in handover.tables})

    def rows(self, file: str) -> list[dict[str, str]]:
        """Return a file's rows."""
        found: list[dict[str, str]] = self.by_file[file].to_pylist()
        return found

    def by_person(self, file: str) -> Mapping[str, list[dict[str, str]]]:
        """Return a file's rows by the person whom they concern."""
        return by(self.rows(file), "Person ID")


def by(rows: Iterable[dict[str, str]], column: str) -> Mapping[str, list[dict[str, str]]]:
    """Return rows by what a column holds."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found
