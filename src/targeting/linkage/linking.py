"""`link`: records of all agencies made into persons and dated families, and the generation written from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from targeting.errors import DataError, DeclarationError
from targeting.linkage.definition import Linkage, check_linkage
from targeting.linkage.people import STEPS, People, Progress, each_person_alone, matched_people, tell_step
from targeting.linkage.protection import KIND as MARK
from targeting.linkage.reviews import keep_pairs
from targeting.linkage.sealing import sealed_persons, without
from targeting.records.contract import Contract
from targeting.records.definition import FactKind
from targeting.sources.coverage import coverage_of
from targeting.sources.definition import Source
from targeting.store.contents import AGENCY_LINKS, GenerationContents, fact_schema
from targeting.store.generations import write_generation
from targeting.store.identities import Identities
from targeting.store.staging import Staging, fact_table, open_staging

# A fact whose record turns out to be another person's closes for the one and opens for the other on the day on which
# that was known.
FACTS = """
with of_persons as (
    select
        facts.* replace (
            case when first then knowledge_date else greatest(knowledge_date, "after") end as knowledge_date,
            least(superseded_on, until) as superseded_on
        ),
        person_id,
        first and until is null as of_one_person
    from {facts} as facts join assignments using (record_id)
)
select {columns} from of_persons
where of_one_person or superseded_on is null or knowledge_date < superseded_on
order by fact_id, knowledge_date
"""


@dataclass(frozen=True)
class LinkReport:
    """What linking made: of how many person records, how many persons and families, and from how many facts.

    Persons that are sealed are counted in `sealed` alone. `to_review` is how many pairs of records somebody may be
    asked about.
    """

    person_records: int
    links: int
    persons: int
    families: int
    facts: int
    sealed: int
    to_review: int
    generation_id: str


def link(  # noqa: PLR0913 - what linking depends on, each said by name.
    *,
    data: Path,
    linkage: Linkage,
    sources: Sequence[Source],
    contract: Contract,
    identity_key: bytes,
    progress: Progress | None = None,
) -> LinkReport:
    """Link what is loaded, write it as the current generation, and return what was made.

    The same loaded data and declarations give the same generation; more data gives persons and families that are
    known already the ids they have. `progress` is told each step, how many are done, and of how many. Raises
    DeclarationError with all faults of the linkage, DataError before the first delivery.
    """
    faults = check_linkage(linkage, [source.name for source in sources])
    if faults:
        raise DeclarationError(faults)
    tell = progress or _silent
    with open_staging(data) as staging:
        synthetic = staging.is_synthetic()
        if synthetic is None:
            message = f"{data}: nothing is loaded yet. Run `targeting load EXTRACTS` first."
            raise DataError(message)
        everybody = _people(staging, Identities(data, identity_key), linkage, identity_key, tell)
        sealed = sealed_persons(staging, everybody)
        people = without(everybody, sealed)
        keep_pairs(staging, people.doubtful, identity_key)
        tell_step(tell, len(STEPS) - 1)
        contents = GenerationContents(
            facts={kind.name: _facts(staging, kind, people) for kind in _kinds(staging, contract)},
            memberships=people.memberships,
            agency_links=_agency_links(people),
            coverage=coverage_of(staging, sources),
            contract=contract,
            synthetic=synthetic,
            inputs=staging.inputs(),
            successions=people.successions,
            person_records=people.person_records,
        )
    generation = write_generation(data, contents)
    return _report(contents, people, sealed=len(sealed), generation_id=generation.id)


def _silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


def _people(
    staging: Staging, identities: Identities, linkage: Linkage, identity_key: bytes, progress: Progress
) -> People:
    if linkage.method == "each_person_alone":
        return each_person_alone(staging, identity_key)
    return matched_people(staging, identities.read(), linkage=linkage, identity_key=identity_key, progress=progress)


def _kinds(staging: Staging, contract: Contract) -> list[FactKind]:
    """Return the kinds of fact of a generation: all that are loaded, but for the marks that keep identities apart."""
    return [contract[name] for name in staging.fact_kinds() if name in contract and name != MARK]


def _facts(staging: Staging, kind: FactKind, people: People) -> pa.Table:
    """Return the facts of a kind under the persons that they are of."""
    staging.prepare_facts(kind)
    columns = ", ".join(f'"{name}"' for name in fact_schema(kind).names)
    connection = staging.connection
    connection.register("assignments", people.assignments)
    table = staging.table(FACTS.format(facts=f'"{fact_table(kind.name)}"', columns=columns))
    connection.unregister("assignments")
    return table


def _agency_links(people: People) -> pa.Table:
    """Return from when each person is known to be in each agency's records."""
    grouped = people.assignments.group_by(["person_id", "source"], use_threads=False).aggregate([("after", "min")])
    return grouped.rename_columns(AGENCY_LINKS.names)


def _report(contents: GenerationContents, people: People, *, sealed: int, generation_id: str) -> LinkReport:
    return LinkReport(
        person_records=pc.count_distinct(people.assignments["record_id"]).as_py(),
        links=people.links,
        persons=pc.count_distinct(people.assignments["person_id"]).as_py(),
        families=pc.count_distinct(people.memberships["family_id"]).as_py(),
        facts=sum(len(table) for table in contents.facts.values()),
        sealed=sealed,
        to_review=len(people.doubtful),
        generation_id=generation_id,
    )
