"""Small published lists, made by hand; and a small district with a small model, from which lists are made."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import URL, create_engine, text

from targeting import __version__
from targeting.features import (
    Cohort,
    CompileRules,
    Indicator,
    Plan,
    column,
    compile_plan,
    facts,
    months,
    people,
    plan_to_json,
    weeks,
)
from targeting.models.bundle import Bundle, BundleContents, Origin, write_bundle
from targeting.models.calibration import Calibrator
from targeting.models.estimator import EstimatorSettings, TrainingRows, train_booster
from targeting.records.attributes import AttributeRule
from targeting.records.contract import contract
from targeting.serving.access.control import AccessControl, Place, control_access
from targeting.serving.access.definition import Access, Role
from targeting.serving.access.demo_issuer import DemoIssuer, demo_subject
from targeting.serving.contents import (
    Band,
    DataAsOf,
    FamilyRecord,
    Flag,
    FrontDoorRule,
    IndicatorValue,
    ListHead,
    ListRules,
    Member,
    Passport,
    Provenance,
    Reason,
    Recorded,
    SentToFrontDoor,
    Unknown,
    WorksWith,
)
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.database.sign_ins import Person, begin_session, make_link, session_of
from targeting.serving.definition import ListKind, Panel, Service, ThresholdRule
from targeting.serving.ids import flag_id, list_id
from targeting.serving.moved import Change, NewRecords, Places, RankRange
from targeting.serving.published import CONSIDERED, PublishedList
from targeting.serving.week import MadeFrom
from targeting.sources.definition import Agreement, Coverage, Extract, FactFields, Source, Tier
from targeting.sources.definition import column as extract_column
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, fact_schema
from targeting.store.generations import Generation, GenerationContents, SourceCoverage, write_generation

# Tests of this folder import what lies beside this file.
sys.path.insert(0, str(Path(__file__).parent))

POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
AS_OF = date(2026, 3, 30)
PROVENANCE = Provenance(
    model="escalation",
    bundle_digest="b" * 8,
    declarations_digest="d" * 8,
    generation_id="g" * 8,
    generation_manifest="m" * 8,
    code_version=__version__,
)
# What the first family of a list made by hand says of its rank.
MOVED = {
    "rank_range": RankRange(
        best=1,
        worst=3,
        by_models=Places(best=1, worst=3),
        by_unknowns=None,
        sentence="between 1st and 3rd",
        why=("Other models that did as well in tests place it there too",),
    ),
    "change": Change(
        since=date(2026, 3, 23),
        standing="considered",
        rank_before=5,
        was_listed=False,
        new_records=(
            NewRecords(
                indicator="abuse_days_12_months",
                records=2,
                sentence="2 new records on domestic abuse at home, from Police",
            ),
        ),
        because=("Other families moved: 1 place up",),
        sentence="On 23 March 2026 it was 5th, not on that list",
    ),
}
Make = Callable[..., PublishedList]


@pytest.fixture
def a_list() -> Make:
    """Return a function that makes a list of two families for a date, offer by default."""
    return make_list


def make_list(
    as_of: date = AS_OF,
    kind: str = "offer",
    provenance: Provenance = PROVENANCE,
    together: Sequence[str] = (),
) -> PublishedList:
    """Return a list of two families; the first has reasons and something unknown, the second has neither.

    `together` names the kinds published with it, by default none but its own.
    """
    identifier = list_id("escalation", "district", kind, as_of.isoformat())
    reasons = (
        Reason(
            concern="school attendance",
            sentence="A child missed 1% of school sessions in the last term",
            indicator="absence_rate_last_term",
            agency="Schools",
            latest_date=date(2026, 2, 13),
            age="6 weeks ago",
            is_strength=True,
        ),
        Reason(
            concern="domestic abuse at home",
            sentence="Police recorded 3 incidents in the last 12 months",
            indicator="abuse_days_12_months",
            agency="Police",
            latest_date=date(2026, 3, 9),
            age="3 weeks ago",
            is_strength=False,
        ),
    )
    unknowns = (
        Unknown(
            sentence="Health visiting is not shared",
            because="not_shared",
            indicators=("mood",),
            could_place=Places(best=1, worst=4),
        ),
    )
    flags = (
        _flag(identifier, "f_aaaa", rank=1, reasons=reasons, unknowns=unknowns).model_copy(update=MOVED),
        _flag(identifier, "f_bbbb", rank=7, kept_place=True),
    )
    head = ListHead(
        id=identifier,
        together=tuple(list_id("escalation", "district", one, as_of.isoformat()) for one in together or (kind,)),
        panel="district",
        panel_title="Early help panel",
        kind=kind,
        title="Families who may welcome an offer of early help",
        as_of_date=as_of,
        published_at=datetime(2026, 3, 30, 6, 0, tzinfo=UTC),
        synthetic=True,
        standing="shadow",
        one="family",
        many="families",
        outcome="later needed a social worker within 6 months",
        data_as_of=(DataAsOf(source="police", agency="Police", until=date(2026, 3, 29)),),
        capacity=2,
        families=40,
        listed=2,
        just_below=5,
        sent_to_front_door=1,
        mean_margin=-4.0,
        provenance=provenance,
        keep_until=date(2033, 3, 30),
    )
    return PublishedList(
        head=head,
        flags=flags,
        passports=tuple(_passport(flag, head) for flag in flags),
        front_door=(SentToFrontDoor(rule="high_grade", why="No contact is recorded", families=("f_cccc",)),),
        considered=pa.table([["f_aaaa", "f_bbbb"], [1, 7], [-3.0, -3.5], [0.28, 0.21]], schema=CONSIDERED),
        rules=ListRules(
            cohort="no_help",
            wards=(),
            bands=(flags[0].band,),
            threshold_rules=(FrontDoorRule(name="high_grade", cohort="urgent", why="No contact is recorded"),),
            flag_weeks=12,
        ),
        plans={"no_help": "{}", "urgent": "{}"},
        records=(_record("f_aaaa", "E1"), _record("f_bbbb", "E2")),
    )


def _flag(
    on_list: str,
    family: str,
    *,
    rank: int,
    kept_place: bool = False,
    reasons: tuple[Reason, ...] = (),
    unknowns: tuple[Unknown, ...] = (),
) -> Flag:
    sentence = (
        "Of 10 families with records like these, about 3 later needed a social worker within 6 months; 7 did not."
    )
    return Flag(
        id=flag_id(on_list, family),
        list_id=on_list,
        family_id=family,
        rank=rank,
        kept_place=kept_place,
        band=Band(lower=0.2, upper=0.35, about=3, of=10, sentence=sentence),
        reasons=reasons,
        unknowns=unknowns,
        expires_on=AS_OF + timedelta(weeks=12),
    )


def _record(family: str, ward: str) -> FamilyRecord:
    since = date(2024, 5, 1)
    child = Member(is_child=True, age="8 years old", years=8, known_to=("Police", "Schools"), since=since, until=None)
    adult = Member(is_child=False, age="", years=None, known_to=("Police",), since=since, until=None)
    former = adult.model_copy(update={"until": date(2025, 1, 31)})
    return FamilyRecord(
        family_id=family,
        ward=ward,
        members=(child, adult),
        former=(former,),
        children_elsewhere=1,
        works_with=(WorksWith(service="early help", agency="Schools", since=since),),
        recorded=(
            Recorded(month=date(2026, 3, 1), what="A domestic abuse incident", agency="Police", times=2),
            Recorded(month=date(2026, 2, 1), what="A pupil was suspended", agency="Schools", times=1),
        ),
    )


def _passport(flag: Flag, head: ListHead) -> Passport:
    value = IndicatorValue(
        name="abuse_days_12_months",
        value=0.1 + 0.2,
        unknown=None,
        part=0.75,
        fact_ids=(7, 2**62),
        latest_event=date(2026, 3, 9),
        agencies=("Police",),
    )
    return Passport(
        flag=flag,
        as_of_date=head.as_of_date,
        provenance=head.provenance,
        indicators=(value,),
        reference=0.25,
        mean_margin=head.mean_margin,
        margin=-3.0,
        probability=0.28,
    )


# The small district. Each family is a mother and a child of eight years.
#
# abuse: incidents in the last year. absent: of 100 sessions. centre: visits. known: a contact years ago.
# help: open early help. sent: a high-grade incident and no contact. open: open to social care.
# unlinked: no child is found in the schools' register. ward: A or B.
DISTRICT = """
family      | abuse | absent | centre | known | help | sent | open | unlinked | ward
f_abuse     | 3     | 0      | 0      | yes   |      |      |      |          | A
f_absent    | 0     | 40     | 0      | yes   |      |      |      |          | A
f_both      | 3     | 40     | 0      | yes   |      |      |      |          | B
f_centre    | 3     | 0      | 2      | yes   |      |      |      |          | B
f_helped    | 3     | 40     | 0      | yes   | yes  |      |      |          | A
f_never     | 0     | 0      | 0      |       |      |      |      |          | B
f_open      | 3     | 40     | 0      | yes   |      |      | yes  |          | A
f_sent      | 3     | 40     | 0      |       |      | yes  |      |          | A
f_unlinked  | 3     | 0      | 0      | yes   |      |      |      | yes      | B
f_visitor   | 0     | 0      | 2      | yes   |      |      |      |          |
"""
UNTIL = date(2026, 3, 29)
SHARED = {
    "social_care": (
        "contact",
        "referral",
        "referral_closed",
        "early_help_started",
        "early_help_ended",
        "address_recorded",
    ),
    "police": ("domestic_abuse_incident",),
    "schools": ("attendance_term",),
    "centres": ("childrens_centre_attended",),
}

incidents = facts("domestic_abuse_incident")
INDICATORS = (
    Indicator(
        "Incidents in the last 12 months",
        incidents.in_last(months(12)).count_each().maximum_for_family(),
        concern="domestic abuse",
        sentence="The family lived with {count:incident} of domestic abuse in the last 12 months",
        sentence_if_none="No domestic abuse is recorded in the last 12 months",
        direction="raises",
        unknown_means="What police recorded is not known",
        name="incidents",
    ),
    Indicator(
        "Sessions missed by the child who missed most",
        facts("attendance_term").in_last(months(12)).rate("sessions_missed", "sessions_possible").maximum_for_family(),
        concern="school attendance",
        sentence="The child who missed most school missed {percent} of sessions",
        direction="raises",
        unknown_means="School attendance is not known",
        name="absence",
    ),
    Indicator(
        "Visits to a children's centre",
        facts("childrens_centre_attended").in_last(months(12)).count_for_family(),
        concern="early years",
        sentence="The family came to a children's centre {count:time}",
        direction="lowers",
        unknown_means="What a children's centre knows is not known",
        name="centre",
    ),
)
high = incidents.where((column("grade") == "high") & column("child_present")).in_last(weeks(4)).exists_for_family()
in_help = facts("early_help_started").open_for_family()
COHORTS = {
    "model": Cohort(
        "Not open to social care", people.children().exists_for_family() & ~facts("referral").open_for_family()
    ),
    "no_help": Cohort("Without early help", ~in_help),
    "helped": Cohort("With early help", in_help),
    "never_known": Cohort(
        "Families that no contact names, without help", ~(facts("contact").exists_for_family() | in_help)
    ),
    "urgent": Cohort("High-grade abuse and no contact", high & ~facts("contact").exists_for_family()),
}
SERVICE = Service(
    model="escalation",
    never_known="never_known",
    panel=(Panel(name="district", title="Early help panel"),),
    list=(
        ListKind(
            name="offer",
            title="Families who may welcome an offer",
            cohort="no_help",
            minutes=18,
            places_for_never_known=1,
        ),
        ListKind(name="review", title="Families with early help", cohort="helped", places_for_never_known=0),
    ),
    threshold_rule=(ThresholdRule(name="high_grade", cohort="urgent", why="No contact is recorded"),),
)


@pytest.fixture(scope="session")
def made_from(tmp_path_factory: pytest.TempPathFactory) -> MadeFrom:
    """Return what lists of the small district are made from."""
    folder = tmp_path_factory.mktemp("district")
    rules = _rules()
    plan = compile_plan(INDICATORS, cohort=replace(COHORTS["model"], name="model"), rules=rules)
    named = {name: replace(cohort, name=name) for name, cohort in COHORTS.items()}
    return MadeFrom(
        generation=_generation(folder, rules),
        bundle=_bundle(folder / "bundles", plan),
        service=SERVICE,
        cohorts={name: compile_plan((), cohort=cohort, rules=rules) for name, cohort in named.items()},
        declarations_digest="d" * 64,
        code_version=__version__,
    )


@pytest.fixture(scope="session")
def planned() -> Callable[..., Plan]:
    """Return what compiles a cohort of the small district, with its model's indicators or by default without any."""

    def plan(cohort: Cohort, indicators: Sequence[Indicator] = ()) -> Plan:
        return compile_plan(indicators, cohort=replace(cohort, name="planned"), rules=_rules())

    return lambda cohort, *, as_model=False: plan(cohort, INDICATORS if as_model else ())


def _rules() -> CompileRules:
    rule = AttributeRule(name="age", attribute_class="justified", owner="Lead", reason="", review_date=date(2030, 1, 1))
    return CompileRules(
        contract=contract(),
        sources=tuple(_source(name, kinds) for name, kinds in SHARED.items()),
        attributes={"age": rule},
        purpose="early_help",
        tier="council",
        on=AS_OF,
    )


def _source(name: str, kinds: tuple[str, ...]) -> Source:
    made = tuple(FactFields(kind=kind, person="id", event_date=extract_column("date")) for kind in kinds)
    return Source(
        name=name,
        agency=name.replace("_", " "),
        folder=name,
        tier="council",
        controller="",
        gateway="",
        purposes=frozenset({"early_help"}),
        confidentiality="",
        may_show_to=frozenset({"panel"}),
        retention_years=7,
        agreement=Agreement(reference="", expires_on=date(2027, 3, 31)),
        coverage=(Coverage(shared_from=date(2015, 1, 1)),),
        extracts=(Extract(file="*.csv", facts=made),),
        register_ages=(5, 16) if name == "schools" else None,
    )


def _bundle(folder: Path, plan: Plan) -> Bundle:
    """Train on all combinations alike: abuse and absence weigh the same to the bit, coming to a centre lowers."""
    cells = list(product((0, 3), (0.0, 0.4), (0, 2)))
    events = [2 + 6 * (abuse > 0) + 6 * (absent > 0) - (centre > 0) for abuse, absent, centre in cells]
    X = np.array([cell for cell in cells for _ in range(20)], dtype=float)
    y = np.array([int(place < count) for count in events for place in range(20)], dtype=np.int8)
    settings = EstimatorSettings(names=plan.names, directions=("raises", "raises", "lowers"), seed=1, threads=1)
    chosen = {"num_leaves": 8, "max_depth": 3, "min_data_in_leaf": 1, "learning_rate": 0.5}
    contents = BundleContents(
        origin=Origin(
            model="escalation",
            title="Escalation",
            purpose="early_help",
            forbidden_uses=(),
            owner="Lead",
            cohort="model",
            outcome="escalation",
            tier="council",
            as_of_dates=("2025-01-01",),
            generation="g",
            data_digest="g",
            synthetic=True,
            declarations="d",
            code_version=__version__,
            trainer="Ann",
        ),
        booster=train_booster(TrainingRows(X, y, settings=settings), chosen, rounds=5),
        calibrator=Calibrator("sigmoid", (0.0,), (-1.0,), 1.0),
        plan_json=plan_to_json(plan),
        evidence={},
    )
    return write_bundle(folder, contents)


def _generation(folder: Path, rules: CompileRules) -> Generation:
    header, *rows = [[cell.strip() for cell in line.split("|")] for line in DISTRICT.strip().splitlines()]
    families = [dict(zip(header, row, strict=True)) for row in rows]
    told = [fact for family in families for fact in _facts_of(family)]
    kinds = sorted({kind for kind, _, _, _ in told})
    sources = {kind: source for source, shared in SHARED.items() for kind in shared}
    links = [
        {"person_id": _person(family["family"], who), "source": "schools", "known_from": date(2019, 1, 1)}
        for family in families
        for who in ("child",)
        if not family["unlinked"]
    ]
    contents = GenerationContents(
        facts={kind: _table(kind, [fact for fact in told if fact[0] == kind], sources, rules) for kind in kinds},
        memberships=pa.Table.from_pylist([row for family in families for row in _members(family)], schema=MEMBERSHIPS),
        agency_links=pa.Table.from_pylist(links, schema=AGENCY_LINKS),
        coverage=tuple(SourceCoverage(source, kind, date(2015, 1, 1), UNTIL) for kind, source in sources.items()),
        contract=rules.contract,
        synthetic=True,
        inputs={},
    )
    return write_generation(folder, contents, families_per_shard=4)


def _person(family: str, who: str) -> str:
    return f"p_{family[2:]}_{who}"


def _members(family: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for who, born in (("mother", date(1990, 1, 1)), ("child", date(2018, 1, 1))):
        yield {
            "family_id": family["family"],
            "person_id": _person(family["family"], who),
            "is_child": who == "child",
            "birth_date": born,
            "visible_from": date(2019, 1, 1),
            "visible_to": None,
        }


Told = tuple[str, str, date, Mapping[str, Any]]


def _facts_of(family: Mapping[str, str]) -> Iterator[Told]:
    mother, child = _person(family["family"], "mother"), _person(family["family"], "child")
    for number in range(int(family["abuse"])):
        medium = {"grade": "medium", "child_present": False}
        yield "domestic_abuse_incident", mother, date(2025, 6 + number, 9), medium
    missed = int(family["absent"])
    counts = {
        "sessions_possible": 100,
        "sessions_authorised": 0,
        "sessions_unauthorised": missed,
        "sessions_missed": missed,
    }
    if not family["unlinked"]:
        yield "attendance_term", child, date(2025, 12, 19), counts
    for number in range(int(family["centre"])):
        yield "childrens_centre_attended", mother, date(2025, 9, 1 + number), {}
    if family["known"]:
        yield "contact", child, date(2020, 5, 1), {"referral_source": "2A", "outcome": "early_help"}
    if family["help"]:
        yield "early_help_started", child, date(2025, 11, 3), {"episode_id": "e", "referral_source": "2A"}
    if family["sent"]:
        yield "domestic_abuse_incident", mother, date(2026, 3, 20), {"grade": "high", "child_present": True}
    if family["open"]:
        yield "referral", child, date(2026, 1, 5), {"episode_id": "r", "referral_source": "2A"}
    if family["ward"]:
        yield "address_recorded", child, date(2020, 1, 1), {"ward": family["ward"]}


def _table(kind: str, told: list[Told], sources: Mapping[str, str], rules: CompileRules) -> pa.Table:
    rows = [
        {
            "fact_id": number,
            "person_id": person,
            "event_date": event,
            "knowledge_date": event + timedelta(days=1),
            "superseded_on": None,
            "knowledge_basis": "recorded",
            "source": sources[kind],
            **{each.name: None for each in rules.contract[kind].columns},
            **columns,
        }
        for number, (_, person, event, columns) in enumerate(told, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=fact_schema(rules.contract[kind]))


# Both kinds of database that the service keeps its own store in.


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """Run a private PostgreSQL, without a port, as somebody unprivileged; yield the URL of its first database."""
    if not POSTGRESQL.is_dir():
        pytest.skip(f"{POSTGRESQL} is absent: `scripts/install-debian-packages` installs Debian's postgresql-15")
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="targeting-postgresql-"))
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, capture_output=True, user=user, cwd=folder, env={"PATH": os.defpath, "LC_ALL": "C"}
        )

    run(
        str(POSTGRESQL / "initdb"),
        "-D",
        str(folder / "data"),
        "-U",
        "targeting",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
    )
    server = (str(POSTGRESQL / "pg_ctl"), "-D", str(folder / "data"), "-w", "-l", str(folder / "log"))
    run(*server, "-o", options, "start")
    try:
        query = {"host": str(folder)}
        yield URL.create("postgresql+psycopg", username="targeting", database="postgres", query=query)
    finally:
        run(*server, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Return the URL of an empty database: once of SQLite, once of PostgreSQL."""
    if request.param == "sqlite":
        return URL.create("sqlite", database=str(tmp_path / "service" / "service.sqlite"))
    first: URL = request.getfixturevalue("postgresql")
    name = f"t_{tmp_path.name.lower()[-40:].replace('-', '_').replace('[', '').replace(']', '')}_{os.getpid()}"
    engine = create_engine(first, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'drop database if exists "{name}"'))
        connection.execute(text(f'create database "{name}"'))
    engine.dispose()
    return first.set(database=name)


# Who comes in: a service's access control over a folder of a test, and what signs a role in to it.

NOW = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
SERVICE_KEY = bytes(range(32))


@dataclass(frozen=True)
class Doors:
    """The access control of one service, a token of each role for its API, a session of each for its pages."""

    control: AccessControl
    issuer: DemoIssuer

    def token(self, role: Role = "integration_client", **claims: object) -> str:
        """Return a token of a role that holds now; `claims` stand in place of the usual ones."""
        at = self.control.database.clock()
        return self.issuer.token(role, at=at, audience=self.control.declared.audience, **claims)

    @cached_property
    def chair(self) -> str:
        """The session of a chair."""
        return self.session("chair")

    def csrf(self, cookie: str) -> str:
        """Return what a form of the session in a cookie has to carry; nothing where there is no such session."""
        with self.control.database.reading() as connection:
            found = session_of(connection, cookie.partition("=")[2], self.control.database.clock())
        return found.csrf if found else ""

    def session(self, role: Role = "chair", agency: str = "", subject: str = "", panels: tuple[str, ...] = ()) -> str:
        """Return the cookie's value of a new session of a role, of nobody in particular or of a subject."""
        person = Person(subject or demo_subject(role), role, agency, panels)
        event = AuditEvent(subject="test", role=role, client="test", action="begin")
        secret = self.control.database.write(lambda writing: make_link(writing, person), audit=event)
        begun = self.control.database.write(
            lambda writing: begin_session(writing, secret, lasts=timedelta(hours=8)), audit=event
        )
        assert begun is not None
        return begun


@pytest.fixture(scope="session")
def doors_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Doors]]:
    """Return a function that makes the doors of a data folder; whatever it opened is closed at the end."""
    opened: list[Database] = []
    # A store that is migrated already: each of the many small ones of the tests begins as its copy.
    migrated = tmp_path_factory.mktemp("migrated") / "service.sqlite"
    Database(URL.create("sqlite", database=str(migrated)), key=SERVICE_KEY).close()

    def make(
        data: Path,
        *,
        sources: Sequence[Source] | None = None,
        declared: Access | None = None,
        panels: Mapping[str, str] | None = None,
        url: URL | None = None,
        clock: Callable[[], datetime] = lambda: NOW,
    ) -> Doors:
        own = data / "service.sqlite"
        if url is None and not own.exists():
            shutil.copy(migrated, own)
        store = url or URL.create("sqlite", database=str(own))
        opened.append(Database(store, key=SERVICE_KEY, clock=clock))
        place = Place(root=data, data=data, is_synthetic=True, panels=panels or {})
        shared = SOURCES if sources is None else sources
        control = control_access(place, declared or Access(), shared, opened[-1])
        return Doors(control, DemoIssuer(data))

    yield make
    for each in opened:
        each.close()


def a_source(agency: str, may_show_to: Sequence[str] = ("panel",), tier: Tier = "council") -> Source:
    """Return an agency's source, of which only what its records are shown to matters."""
    return Source(
        name=agency.lower().replace(" ", "_"),
        agency=agency,
        folder="none",
        tier=tier,
        controller="council",
        gateway="none",
        purposes=frozenset({"early_help"}),
        confidentiality="none",
        may_show_to=frozenset(may_show_to),
        retention_years=1,
        agreement=Agreement(reference="none", expires_on=date(2030, 1, 1)),
        coverage=(),
        extracts=(),
    )


# All agencies that hand-made lists and the small district name; whoever reads for a panel may see each of them.
SOURCES = tuple(
    a_source(agency) for agency in ("Schools", "Police", "police", "schools", "social care", "centres", "centre")
)


@pytest.fixture(scope="session")
def a_source_of() -> Callable[..., Source]:
    """Return `a_source`."""
    return a_source


@pytest.fixture(scope="session")
def events_of() -> Callable[[Any], list[dict[str, Any]]]:
    """Return what reads the audit log of a client's service, the first event first."""

    def events(client: Any) -> list[dict[str, Any]]:
        with client.doors.control.database.reading() as connection:
            return [row._asdict() for row in connection.execute(text("select * from audit_events order by seq"))]

    return events
