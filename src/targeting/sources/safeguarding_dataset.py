"""Tables of the Standard Safeguarding Dataset, each in a file that bears the table's name."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from targeting.errors import DataError, what_exists
from targeting.records.looked_after_codes import FOOTING
from targeting.sources import safeguarding_columns as made
from targeting.sources.definition import SafeguardingDataset
from targeting.sources.deliveries import DeliveredFile
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize, RawRows, check_columns, columns_of
from targeting.sources.returns import (
    MOST_ROWS,
    Return,
    cleaned,
    header_of,
    read_chunks,
    texts,
    with_columns,
    with_iso_days,
)
from targeting.sources.safeguarding_columns import Added, Texts, is_yes
from targeting.sources.safeguarding_tables import MAPPINGS, MAY_BE_ABSENT, REQUIRED, WITHOUT_PEOPLE

# Coded columns in which systems write a meaning beside the code.
CODED = frozenset(
    {
        "cont_contact_source_code",
        "cine_referral_source_code",
        "cine_cin_primary_need_code",
        "cine_close_reason",
        "clae_cla_episode_ceased_reason",
        "lega_legal_status",
        "pers_ethnicity",
    }
)
LEGAL_STATUSES, IMMIGRATION = "ssd_legal_status", "ssd_immigration_status"
ASSESSMENTS, SPECIAL_NEEDS = "ssd_cin_assessments", "ssd_send"
# Without the others a table that needs them makes nothing; without this one nobody is known to have come alone.
MAY_LACK = frozenset({IMMIGRATION})


Beside = Mapping[str, Sequence[tuple[str, ...]]]


@dataclass(frozen=True)
class _Table:
    """Some rows of a table, and the columns that it needs of the tables beside it, as rows of text."""

    rows: RawRows
    beside: Beside

    def texts(self, column: str) -> list[str]:
        return texts(self.rows, column)


def read_safeguarding_table(file: DeliveredFile, size: ChunkSize) -> Return:
    """Return the rows of one table, which speaks of the day of its extraction.

    Factors need the table of assessments beside them, care the one of legal statuses, requests for education, health
    and care plans the one of special needs. Raises DataError where a file is named after no table of the dataset, or
    lacks a column or a table that it needs.
    """
    name = _table_name(file.path)
    if name in WITHOUT_PEOPLE:
        warning = f"{file.place}: nothing of {name} is used."
        return Return(file.delivery.extracted_on, lambda: iter(((),)), (warning,))
    if name not in MAPPINGS:
        message = f"{file.place}: named after no table of the dataset. {what_exists(name, sorted(MAPPINGS))}"
        raise DataError(message)
    mapping, computed = MAPPINGS[name], COMPUTED.get(name, NOTHING)
    wanted = sorted({*columns_of(mapping), *computed.needs} - set(computed.makes))
    beside = {other: path for other in computed.beside if (path := _path_beside(file, other)) is not None}

    def chunks() -> Iterator[tuple[Part, ...]]:
        lookups = {other: _rows_beside(file, path, computed.beside[other]) for other, path in beside.items()}
        for rows in _read(file, file.path, wanted, size):
            yield (Part(name, computed.add(_Table(rows, lookups)), mapping, REQUIRED.get(name, ())),)

    return Return(file.delivery.extracted_on, chunks, (), tuple(beside.values()))


def _table_name(path: Path) -> str:
    pieces = path.name.lower().split(".")
    return next((piece for piece in pieces if piece in MAPPINGS or piece in WITHOUT_PEOPLE), pieces[0])


def _encoding(file: DeliveredFile) -> str:
    return file.extract.encoding if isinstance(file.extract, SafeguardingDataset) else "utf-8"


def _path_beside(file: DeliveredFile, name: str) -> Path | None:
    """Return another table of the delivery; raises DataError where it is not there and must be."""
    found = next((other for other in sorted(file.path.parent.iterdir()) if _table_name(other) == name), None)
    if found is None and name not in MAY_LACK:
        message = f"{file.place}: needs {name} beside it. Ask for both tables in one delivery."
        raise DataError(message)
    return found


def _rows_beside(file: DeliveredFile, path: Path, wanted: Sequence[str]) -> list[tuple[str, ...]]:
    """Return columns of another table of the delivery; raises DataError where they are too many to be held."""
    found: list[tuple[str, ...]] = []
    for rows in _read(file, path, wanted, ChunkSize()):
        found += zip(*(texts(rows, column) for column in wanted), strict=True)
        if len(found) > MOST_ROWS:
            message = f"{file.place}: {path.name} beside it has more than {MOST_ROWS:,} rows. Send fewer years at once."
            raise DataError(message)
    return found


def _read(file: DeliveredFile, path: Path, asked: Iterable[str], size: ChunkSize) -> Iterator[RawRows]:
    """Yield columns of a table, dates as YYYY-MM-DD; those that a system may lack are empty where it does."""
    place, encoding = f"{Path(file.place).parent.as_posix()}/{path.name}", _encoding(file)
    wanted, existing = sorted(set(asked)), header_of(path, encoding)
    present = [column for column in wanted if column in existing or column not in MAY_BE_ABSENT]
    if existing:
        check_columns(sorted(existing), present, place)
    for rows in read_chunks(path, place, present, size, encoding=encoding):
        absent = {column: pa.nulls(len(rows), pa.string()) for column in wanted if column not in present}
        yield with_columns(rows, absent | {column: _tidy(rows, column) for column in present if _is_tidied(column)})


def _is_tidied(column: str) -> bool:
    return column in CODED or "date" in column or column.endswith("_dob")


def _tidy(rows: RawRows, column: str) -> pa.Array:
    if column in CODED:
        return pa.array([cleaned(text) for text in texts(rows, column)], pa.string())
    return with_iso_days(rows.column(column))


@dataclass(frozen=True)
class Computed:
    """Columns that a table lacks: which it makes, from which it makes them, also of tables beside it, and how."""

    makes: tuple[str, ...]
    needs: tuple[str, ...]
    add: Callable[[_Table], RawRows]
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NOTHING = Computed((), (), lambda table: table.rows)


def _columns(compute: Callable[[Texts], Added]) -> Callable[[_Table], RawRows]:
    return lambda table: with_columns(table.rows, compute(table.texts))


def _factors(table: _Table) -> RawRows:
    """Return one row a factor, with whom and when the assessment concerned."""
    assessments = {key: (person, day) for key, person, day in table.beside[ASSESSMENTS]}
    listed = [_listed(text) for text in table.texts("cinf_assessment_factors_json")]
    of_row = [row for row, factors in enumerate(listed) for _ in factors]
    taken = table.rows.columns.take(pa.array(of_row, pa.int64()))
    exploded = RawRows(taken, table.rows.lines[of_row], table.rows.malformed)
    concerned = [assessments.get(key, ("", "")) for key in texts(exploded, "cinf_assessment_id")]
    added = {
        "Factor": [factor for factors in listed for factor in factors],
        "Person": [person for person, _ in concerned],
        "AuthorisedOn": [day for _, day in concerned],
    }
    return with_columns(exploded, added)


def _listed(text: str) -> list[str]:
    """Return the factors of an assessment: a JSON list of codes, or an object of those that were found."""
    try:
        value = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return [text]
    if isinstance(value, dict):
        value = [name for name, found in value.items() if is_yes(str(found))]
    return [str(code).strip() for code in value] if isinstance(value, list) else [text]


def _requests(table: _Table) -> RawRows:
    people = {key: person for key, person in table.beside[SPECIAL_NEEDS]}  # noqa: C416 - rows of two.
    return with_columns(table.rows, {"Person": [people.get(key, "") for key in table.texts("ehcr_send_table_id")]})


def _care(table: _Table) -> RawRows:
    alone = {person for person, status in table.beside.get(IMMIGRATION, ()) if "uasc" in status.casefold()}
    people, entered = table.texts("clae_person_id"), _entered(table)
    by_person: dict[str, list[tuple[str, ...]]] = {}
    for person, *status in table.beside[LEGAL_STATUSES]:
        by_person.setdefault(person, []).append(tuple(status))
    footing = [
        _footing(by_person.get(person, ()), day, is_alone=person in alone)
        for person, day in zip(people, entered, strict=True)
    ]
    reasons = table.texts("clae_cla_episode_ceased_reason")
    ended = [
        day if reason and reason != "X1" else ""
        for day, reason in zip(table.texts("clae_cla_episode_ceased_date"), reasons, strict=True)
    ]
    return with_columns(table.rows, {"StartedOn": entered, "EndedOn": ended, "Footing": footing})


def _entered(table: _Table) -> list[str]:
    """Return when each episode's period of care began: as recorded, or with the episode that began it."""
    begun = zip(
        table.texts("clae_entered_care_date"),
        table.texts("clae_cla_episode_start_reason"),
        table.texts("clae_cla_episode_start_date"),
        strict=True,
    )
    return [entered or (started if reason.upper().startswith("S") else "") for entered, reason, started in begun]


def _footing(statuses: Iterable[tuple[str, ...]], day: str, *, is_alone: bool) -> str:
    """Return on what footing a child was looked after on a day, empty where no legal status covers it."""
    on = day[:10]
    held = [(start[:10], status) for status, start, end in statuses if start[:10] <= on and (not end or on <= end[:10])]
    status = max(held)[1] if held and on else ""
    footing = FOOTING.get(status, status)
    return "unaccompanied" if is_alone and footing != "short_breaks" else footing


COMPUTED: Mapping[str, Computed] = {
    "ssd_address": Computed(("House", "Street", "Town", "Uprn"), ("addr_address_json",), _columns(made.address)),
    "ssd_contacts": Computed(("Outcome",), ("cont_contact_outcome_json",), _columns(made.contact_outcome)),
    "ssd_cin_assessments": Computed(("FoundInNeed",), ("cina_assessment_outcome_nfa",), _columns(made.found_in_need)),
    "ssd_assessment_factors": Computed(
        ("Factor", "Person", "AuthorisedOn"),
        ("cinf_assessment_factors_json",),
        _factors,
        {ASSESSMENTS: ("cina_assessment_id", "cina_person_id", "cina_assessment_auth_date")},
    ),
    "ssd_s47_enquiry": Computed(
        ("Outcome",), ("s47e_s47_outcome_json", "s47e_s47_nfa"), _columns(made.enquiry_outcome)
    ),
    "ssd_cp_plans": Computed(("IsOwn",), ("cppl_cp_plan_ola",), _columns(made.own_plans)),
    "ssd_cla_episodes": Computed(
        ("StartedOn", "EndedOn", "Footing"),
        (
            "clae_entered_care_date",
            "clae_cla_episode_start_date",
            "clae_cla_episode_start_reason",
            "clae_cla_episode_ceased_date",
            "clae_cla_episode_ceased_reason",
        ),
        _care,
        {
            LEGAL_STATUSES: (
                *("lega_person_id", "lega_legal_status"),
                *("lega_legal_status_start_date", "lega_legal_status_end_date"),
            ),
            IMMIGRATION: ("immi_person_id", "immi_immigration_status"),
        },
    ),
    "ssd_missing": Computed(
        ("Interview", "IsInterview"),
        ("miss_missing_rhi_offered", "miss_missing_rhi_accepted"),
        _columns(made.interviews),
    ),
    "ssd_pre_proceedings": Computed(
        ("PreProceedingsEndedOn", "PreProceedingsOutcome"),
        ("prep_care_pro_letter_date", "prep_agree_stepdown_issue_date"),
        _columns(made.pre_proceedings),
    ),
    "ssd_ehcp_requests": Computed(
        ("Person",), ("ehcr_send_table_id",), _requests, {SPECIAL_NEEDS: ("send_table_id", "send_person_id")}
    ),
}
