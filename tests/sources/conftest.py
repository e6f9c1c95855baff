"""An agency of our own, its deliveries written into a folder, and what became of them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.records.contract import Contract, contract
from targeting.sources.definition import (
    Agreement,
    CinCensus,
    Coverage,
    Extract,
    FactFields,
    PersonFields,
    RelationshipFields,
    Source,
    column,
)
from targeting.sources.loading import LoadReport, load
from targeting.sources.replaying import replay
from targeting.store.identities import Identities
from targeting.store.staging import Staging, open_staging

KEY = bytes(range(32))
GRADES = {"h": "high", "m": "medium", "s": "standard"}


def source(extracts: Sequence[Extract | CinCensus], name: str = "police", **changes: object) -> Source:
    """Return a source of the given extracts that shares everything since 2020."""
    declared: dict[str, object] = {
        "name": name,
        "agency": name.title(),
        "folder": name,
        "tier": "police_and_schools",
        "controller": "the chief officer",
        "gateway": "a statute",
        "purposes": frozenset({"early help"}),
        "confidentiality": "consent is not the basis",
        "may_show_to": frozenset({"panel"}),
        "retention_years": 6,
        "agreement": Agreement(reference="A1", expires_on=date(2030, 1, 1)),
        "coverage": (Coverage(shared_from=date(2020, 1, 1)),),
        "extracts": tuple(extracts),
        "lag": timedelta(days=7),
    }
    return Source(**{**declared, **changes})  # type: ignore[arg-type]


INCIDENTS = Extract(
    file="incidents*.csv",
    persons=(
        PersonFields(
            key=column("person"),
            given_name=column("name"),
            date_of_birth=column("born", format="%d/%m/%Y"),
            nhs_number=column("nhs"),
        ),
    ),
    facts=(
        FactFields(
            kind="domestic_abuse_incident",
            person="person",
            event_date=column("happened", format="%d/%m/%Y"),
            knowledge_date=column("recorded", format="%d/%m/%Y"),
            values={"grade": column("grade", codes=GRADES, empty=("", "n/k")), "child_present": column("child")},
            record_key=("incident", "person"),
        ),
    ),
)
RELATIONS = Extract(
    file="relations.csv",
    relationships=(
        RelationshipFields(
            person="person",
            other="other",
            relationship=column("is", codes={"mother": "parent_of"}),
            started_on=column("from"),
            ended_on=column("to"),
            knowledge_date=column("recorded"),
        ),
    ),
)
HEADER = "incident,person,name,born,nhs,happened,recorded,grade,child\n"


@dataclass
class Office:
    """A data folder, and the declarations by which deliveries are loaded into it."""

    folder: Path
    sources: Sequence[Source] = field(default_factory=lambda: [source([INCIDENTS, RELATIONS])])
    contract: Contract = field(default_factory=contract)
    deliveries: int = 0

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "var"

    def write(self, files: dict[str, str | bytes], *, on: str = "2024-06-30", toml: str | None = None) -> Path:
        """Write a delivery, files named by folder and name, and return its folder."""
        self.deliveries += 1
        extracts = self.folder / f"delivery-{self.deliveries}"
        for place, content in files.items():
            path = extracts / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            (path.parent / "delivery.toml").write_text(f"extracted_on = {on}\n" if toml is None else toml)
        return extracts

    def load(self, extracts: Path) -> LoadReport:
        """Load a delivery."""
        return load(extracts, data=self.data, sources=self.sources, contract=self.contract, identity_key=KEY)

    def deliver(self, files: dict[str, str | bytes], *, on: str = "2024-06-30") -> LoadReport:
        """Write a delivery and load it."""
        return self.load(self.write(files, on=on))

    def replay(self) -> LoadReport:
        """Read the quarantined rows once more."""
        return replay(self.data, sources=self.sources, contract=self.contract, identity_key=KEY)

    def ask(self, question: Callable[[Staging], pa.Table]) -> list[dict[str, object]]:
        """Return rows of the staging database."""
        with open_staging(self.data) as staging:
            return question(staging).to_pylist()

    def facts(self, kind: str, *names: str) -> list[tuple[object, ...]]:
        """Return the named columns of all facts of a kind, sorted, dates as text."""
        rows = self.ask(lambda staging: staging.facts(kind))
        return sorted(tuple(plain(row[name]) for name in names) for row in rows)

    def quarantine(self) -> list[tuple[object, ...]]:
        """Return line, column, rule and shape of every fault."""
        rows = self.ask(Staging.quarantine)
        return [(row["line"], row["column"], row["rule"], row["shape"]) for row in rows]

    def identities(self) -> list[dict[str, object]]:
        """Return what the identities store holds."""
        return Identities(self.data, KEY).read().to_pylist()


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def make_source() -> Callable[..., Source]:
    return source


@pytest.fixture
def incidents() -> Callable[..., str]:
    """Return the text of an incidents file; cells not named take those of an ordinary row."""
    usual = {
        "incident": "i1",
        "person": "n1",
        "name": "Ann",
        "born": "01/02/2015",
        "nhs": "",
        "happened": "01/03/2024",
        "recorded": "03/03/2024",
        "grade": "h",
        "child": "Y",
    }

    def text(*rows: dict[str, str]) -> str:
        return HEADER + "".join(",".join({**usual, **row}.values()) + "\n" for row in rows)

    return text


@pytest.fixture
def reference_data() -> Path:
    folder = os.environ.get("TARGETING_REFERENCE_DATA")
    if not folder:
        pytest.skip("TARGETING_REFERENCE_DATA is unset: the census samples written by others are not read")
    return Path(folder)
