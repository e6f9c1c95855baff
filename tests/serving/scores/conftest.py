"""Two served districts: the small one made by hand, and a synthetic one linked from its agencies' extracts."""

import csv
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from targeting.features import Plan, plan_to_json
from targeting.features.engine import build_matrix
from targeting.linkage.linking import link
from targeting.models.bundle import Bundle, BundleContents, write_bundle
from targeting.models.estimator import Booster, EstimatorSettings, TrainingRows, train_booster
from targeting.models.registry import promote
from targeting.models.signatures import Signer, make_key, sign_bundle
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.project.template import copy_template
from targeting.records.contract import Contract, contract
from targeting.serving.lists import publish
from targeting.serving.published import PublishedList
from targeting.serving.scores.answer import Score
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served
from targeting.serving.week import MadeFrom
from targeting.sources.definition import Extract
from targeting.sources.loading import load
from targeting.store.contents import MEMBERSHIPS, PERSON_RECORDS, GenerationContents
from targeting.store.generations import Generation, open_generation, write_generation
from targeting.store.pseudonyms import episode_ids, record_ids
from targeting.synthetic.synthesis import synthesise

AS_OF = date(2026, 3, 30)
PUBLISHED_AT = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
KEY = bytes(32)
EVIDENCE = {
    "gates.json": json.dumps([{"name": "made for a test", "passed": True, "detail": ""}]).encode(),
    "audit.json": json.dumps({"verdict": "pass"}).encode(),
}

PARTNER = "p_partner"
SECOND = {
    "family_id": "f_second",
    "person_id": "p_visitor_child",
    "is_child": True,
    "birth_date": date(2018, 1, 1),
    "visible_from": date(2019, 1, 1),
    "visible_to": None,
}

LEFT = {
    "family_id": "f_second",
    "person_id": PARTNER,
    "is_child": False,
    "birth_date": date(1985, 1, 1),
    "visible_from": date(2019, 1, 1),
    "visible_to": date(2021, 12, 31),
}
BESIDE = (SECOND, LEFT)

Ask = Callable[..., Score]
Body = dict[str, Any]


@dataclass(frozen=True, eq=False)
class District:
    """A district with published lists, and who answers about its families.

    `record_of` has an agency's own id of a person, as source and key, for each person whom one knows.
    """

    served: Served
    generation: Generation
    scorer: Scorer
    lists: tuple[PublishedList, ...]
    record_of: Mapping[str, tuple[str, str]]
    episode_keys: Mapping[str, str]
    contract: Contract

    def ask(self, body: Mapping[str, Any]) -> Score:
        """Return the answer to a request as it comes, in JSON."""
        return self.scorer.score(self.scorer.request_model.model_validate_json(json.dumps(body, default=str)))

    def known(self, family_id: str) -> Score:
        return self.ask({"family": {"system": "targeting", "value": family_id}})

    def body_of(self, family_id: str, as_of: date = AS_OF, *, seed: int = 0, by_agency: bool = False) -> Body:
        """Return a family as a request tells it, in no order: its people, and their facts known before the date.

        People have labels that say nothing of their order, or with `by_agency` the ids that agencies have of them.
        Every source was asked about them, as loading asks them all.
        """
        drawing = random.Random(seed)
        members = _rows(self.tables("memberships"), "family_id", [family_id])
        here = sorted(
            {row["person_id"] for row in members if row["visible_from"] <= as_of <= (row["visible_to"] or as_of)}
        )
        labels = dict(zip(here, drawing.sample(range(100), len(here)), strict=True))
        named = {person: {"system": "request", "value": f"person {labels[person]}"} for person in here}
        if by_agency:
            pairs = {person: self.record_of[person] for person in here}
            named = {person: {"system": source, "value": key} for person, (source, key) in pairs.items()}
        links = _rows(self.tables("agency_links"), "person_id", here)
        people = [_entry(row, named, links) for row in members if row["person_id"] in named]
        records = [
            self._record(kind, row, named, raw_episodes=by_agency)
            for kind in self.generation.manifest.kinds
            for row in _rows(self.tables("facts", kind), "person_id", here)
            if row["knowledge_date"] < as_of
        ]
        drawing.shuffle(people)
        drawing.shuffle(records)
        asked = {"sources_asked": list(self.generation.sources)}
        return {"people": people, **({"records": records} if records else {}), **asked}

    @cache  # noqa: B019 - one district a session.
    def tables(self, name: str, *kind: str) -> pa.Table:
        """Return a table of the generation, read once."""
        table: pa.Table = getattr(self.generation, name)(*kind)
        return table

    def _record(self, kind: str, row: dict[str, Any], named: Mapping[str, Any], *, raw_episodes: bool) -> Body:
        left_out = {"fact_id", "person_id", "knowledge_basis", *(["superseded_on"] if not row["superseded_on"] else [])}
        own = {name: value for name, value in row.items() if name not in left_out}
        if raw_episodes and "episode_id" in own:
            own["episode_id"] = self.episode_keys[own["episode_id"]]
        return {"kind": kind, "person": named[row["person_id"]], **own}


def _rows(table: pa.Table, column: str, values: Iterable[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.filter(pc.is_in(table[column], pa.array(list(values), pa.string()))).to_pylist()
    return rows


def _entry(row: dict[str, Any], named: Mapping[str, Any], links: list[dict[str, Any]]) -> Body:
    return {
        "person": named[row["person_id"]],
        "is_child": row["is_child"],
        "birth_date": row["birth_date"] and str(row["birth_date"]),
        "from_date": row["visible_from"],
        "until_date": row["visible_to"] and str(row["visible_to"]),
        "known_to": [
            {"source": link["source"], "since": link["known_from"]}
            for link in links
            if link["person_id"] == row["person_id"]
        ],
    }


@pytest.fixture(scope="session")
def district(served_by: Callable[..., District]) -> District:
    """Return the district made by hand, served."""
    return served_by()


@pytest.fixture(scope="session")
def served_by(made_from: MadeFrom, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., District]:
    """Return a function that serves the district made by hand, some of what its lists are made from changed.

    Social care knows everyone, by their pseudonym's own words.

    Beside: the visitor's child is in a second family too; a partner who left that one and is in no family, with three
    incidents since; an incident of the unlinked child's mother that was corrected to nothing.
    """

    def make(**changes: Any) -> District:
        folder = tmp_path_factory.mktemp("served")
        persons = [*sorted(set(made_from.generation.memberships()["person_id"].to_pylist())), PARTNER]
        record_of = {person: ("social_care", person.removeprefix("p_").replace("_", " ")) for person in persons}
        contents = known_by(made_from.generation, record_of)
        made = replace(made_from, generation=write_generation(folder, contents, families_per_shard=4), **changes)
        return served(made, folder, contract(), record_of=record_of, episode_keys={})

    return make


def known_by(generation: Generation, record_of: Mapping[str, tuple[str, str]]) -> GenerationContents:
    """Return what a generation holds, with agencies' own ids of its people, and of episodes, as loading keeps them."""
    rows = [
        {"record_id": _record_id(*named), "person_id": person, "visible_from": date(2019, 1, 1), "visible_to": None}
        for person, named in record_of.items()
    ]
    return GenerationContents(
        facts={kind: _with_more(kind, _with_episodes(generation.facts(kind))) for kind in generation.manifest.kinds},
        memberships=pa.concat_tables([generation.memberships(), pa.Table.from_pylist(BESIDE, schema=MEMBERSHIPS)]),
        agency_links=generation.agency_links(),
        coverage=generation.coverage,
        contract=contract(),
        synthetic=True,
        inputs={},
        person_records=pa.Table.from_pylist(rows, schema=PERSON_RECORDS),
    )


def _with_more(kind: str, facts: pa.Table) -> pa.Table:
    if kind != "domestic_abuse_incident":
        return facts
    told = [(PARTNER, day, None) for day in (3, 4, 5)] + [("p_unlinked_mother", 1, date(2025, 12, 20))]
    rows = [
        {
            "fact_id": 900 + day,
            "person_id": person,
            "event_date": date(2025, 12, day),
            "knowledge_date": date(2025, 12, day + 1),
            "superseded_on": corrected,
            "knowledge_basis": "recorded",
            "source": "police",
            "grade": "standard",
            "child_present": False,
        }
        for person, day, corrected in told
    ]
    return pa.concat_tables([facts, pa.Table.from_pylist(rows, schema=facts.schema)])


def _record_id(source: str, key: str) -> str:
    name: str = record_ids(pa.array([key]), source=source, identity_key=KEY)[0].as_py()
    return name


def _with_episodes(facts: pa.Table) -> pa.Table:
    if "episode_id" not in facts.column_names:
        return facts
    names = episode_ids(facts["episode_id"].combine_chunks(), source="social_care", identity_key=KEY)
    return facts.set_column(facts.column_names.index("episode_id"), "episode_id", names)


def served(
    made_from: MadeFrom,
    folder: Path,
    kinds: Contract,
    *,
    record_of: Mapping[str, tuple[str, str]],
    episode_keys: Mapping[str, str],
) -> District:
    """Return a district whose lists are published, its model signed and in use."""
    signers = tuple(
        Signer(name=name, role=role, public_key=make_key(folder / "keys" / name))
        for name, role in (("Ada", "service_lead"), ("Ben", "data_protection"))
    )
    bundle = promoted(made_from.bundle, folder, signers)
    lists = publish(replace(made_from, bundle=bundle), data=folder, as_of_date=AS_OF, published_at=PUBLISHED_AT)
    systems = {"ehm": "social_care", "lcs": "social_care", "ledger": "a source without records"}
    answering = Served(folder, district="Testshire", signers=signers, case_systems=systems)
    scorer = Scorer(answering, contract=kinds, identity_key=KEY)
    return District(answering, made_from.generation, scorer, lists, record_of, episode_keys, kinds)


def promoted(bundle: Bundle, folder: Path, signers: tuple[Signer, ...]) -> Bundle:
    contents = BundleContents(
        origin=bundle.origin,
        booster=bundle.booster,
        calibrator=bundle.calibrator,
        plan_json=bundle.plan_json,
        evidence=EVIDENCE,
    )
    candidate = write_bundle(folder / "candidates" / bundle.model, contents)
    for signer in signers:
        sign_bundle(candidate, name=signer.name, key=folder / "keys" / signer.name, signers=signers)
    return promote(candidate, folder, signers=signers, on=AS_OF)


@pytest.fixture(scope="session")
def linked(made_from: MadeFrom, tmp_path_factory: pytest.TempPathFactory) -> District:
    """Return a synthetic district of 60 families by the repository's own declarations, with a model of its own."""
    folder = tmp_path_factory.mktemp("linked")
    copy_template(folder / "project")
    project = load_project(folder / "project", on=AS_OF)
    extracts = folder / "extracts"
    synthesise(extracts, families=60, seed=7, end=date(2026, 3, 29))
    generation = load_and_link(project, extracts, folder / "data")
    model = project.model("escalation")
    plan = project.plan(model, on=AS_OF)
    bundle = replace(made_from.bundle, plan_json=plan_to_json(plan), booster=trained(generation, plan))
    made = MadeFrom(
        generation=generation,
        bundle=bundle,
        service=project.service,  # type: ignore[arg-type]
        cohorts={name: project.cohort_plan(name, model, on=AS_OF) for name in project.service.cohorts()},  # type: ignore[union-attr]
        declarations_digest="d" * 64,
        code_version="0.1.0",
    )
    return served(
        made,
        folder / "data",
        project.contract,
        record_of=records_of_persons(generation, extracts),
        episode_keys=dict(episodes_of(project, extracts)),
    )


def load_and_link(project: Project, extracts: Path, data: Path) -> Generation:
    load(extracts, data=data, sources=project.sources, contract=project.contract, identity_key=KEY)
    link(data=data, linkage=project.linkage, sources=project.sources, contract=project.contract, identity_key=KEY)
    return open_generation(data)


def trained(generation: Generation, plan: Plan) -> Booster:
    """Return a booster that uses many indicators: what it learns is drawn, for nothing rests on what it means."""
    dates = [date(year, month, 1) for year in (2023, 2024, 2025) for month in (1, 5, 9)]
    X = build_matrix(plan, generation, dates).values
    y = (np.random.default_rng(1).random(len(X)) < 0.3).astype(np.int8)
    directions = tuple(indicator.direction for indicator in plan.indicators)
    settings = EstimatorSettings(names=plan.names, directions=directions, seed=1, threads=1)
    return train_booster(TrainingRows(X, y, settings=settings), {"min_data_in_leaf": 3, "num_leaves": 15}, rounds=15)


def records_of_persons(generation: Generation, extracts: Path) -> dict[str, tuple[str, str]]:
    """Return an agency's own id of each person, as the extracts have it."""
    truth = pq.read_table(extracts / "truth" / "records.parquet", columns=["source", "record_key"])
    pairs = zip(truth["source"].to_pylist(), map(str, truth["record_key"].to_pylist()), strict=True)
    named = {_record_id(*pair): pair for pair in pairs}
    held = [row for row in generation.person_records().to_pylist() if row["visible_to"] is None]
    return {row["person_id"]: named[row["record_id"]] for row in held}


def episodes_of(project: Project, extracts: Path) -> Iterator[tuple[str, str]]:
    """Yield the pseudonym of each episode with the agency's own key of it, read from the extracts again."""
    for source in project.sources:
        for extract in (each for each in source.extracts if isinstance(each, Extract)):
            columns = {fields.values["episode_id"].column for fields in extract.facts if "episode_id" in fields.values}
            for path in (extracts / source.folder).glob(extract.file) if columns else ():
                for row in csv.DictReader(path.open(encoding=extract.encoding), delimiter=extract.delimiter):
                    for key in {row[column] for column in columns if column and row[column]}:
                        yield episode_ids(pa.array([key]), source=source.name, identity_key=KEY)[0].as_py(), key
