"""Every row of a file is accepted or quarantined, and a file that cannot be used loads nothing."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.errors import DataError, DeclarationError
from targeting.sources.definition import Extract, FactFields, PersonFields, Source, column, constant
from targeting.sources.loading import LoadError, load
from targeting.store.staging import Staging, open_staging

Text = Callable[..., str]


def test_a_row_becomes_a_fact_an_identity_and_a_pseudonym(office, incidents: Text) -> None:
    report = office.deliver({"police/incidents.csv": incidents({})})
    assert [(file.file, file.rows, file.accepted, file.quarantined) for file in report.files] == [
        ("police/incidents.csv", 1, 1, 0)
    ]
    names = ("event_date", "knowledge_date", "superseded_on", "knowledge_basis", "source", "line", "grade")
    assert office.facts("domestic_abuse_incident", *names, "child_present") == [
        ("2024-03-01", "2024-03-03", None, "recorded", "police", 2, "high", True)
    ]
    (person,) = office.identities()
    assert (person["given_name"], person["date_of_birth"], person["known_from"]) == (
        "Ann",
        date(2015, 2, 1),
        date(2024, 3, 3),
    )
    (fact,) = office.ask(lambda staging: staging.facts("domestic_abuse_incident"))
    assert fact["record_id"] == person["record_id"]
    assert len(person["record_id"]) == 26
    assert 0 < fact["fact_id"] < 2**63


# A row's cells, and the fault that they have: column, rule, shape.
FAULTS = [
    ({"happened": "31/02/2024"}, ("happened", "not a date", "99/99/9999")),
    ({"happened": "2024-03-01"}, ("happened", "not a date", "9999-99-99")),
    ({"happened": "01/03/0024"}, ("happened", "not a likely date", "99/99/9999")),
    ({"recorded": "soon"}, ("recorded", "not a date", "aaaa")),
    ({"recorded": "01/07/2024"}, ("recorded", "known after the day of extraction", "99/99/9999")),
    ({"happened": "01/03/2026"}, ("happened", "more than a year after it was known", "99/99/9999")),
    ({"grade": "Extreme"}, ("grade", "unknown code", "Aaaaaaa")),
    ({"child": "perhaps"}, ("child", "not yes or no", "aaaaaaa")),
    ({"child": ""}, ("child", "missing", "")),
    ({"person": ""}, ("person", "missing", "")),
    ({"born": "01/02/15"}, ("born", "not a date", "99/99/99")),
    ({"born": "01/02/2025"}, ("born", "after the day of extraction", "99/99/9999")),
]


def test_a_row_with_a_fault_is_quarantined_with_its_place_rule_and_shape(office, incidents: Text) -> None:
    bad = [{"incident": f"bad {number}", **cells} for number, (cells, _) in enumerate(FAULTS)]
    report = office.deliver({"police/incidents.csv": incidents({"incident": "good"}, *bad)})
    assert [(file.rows, file.accepted, file.quarantined) for file in report.files] == [(13, 1, 12)]
    assert office.quarantine() == [(3 + number, *fault) for number, (_, fault) in enumerate(FAULTS)]
    assert len(office.identities()) == 1
    assert office.facts("domestic_abuse_incident", "line") == [(2,)]


def test_all_faults_of_a_row_are_told(office, incidents: Text) -> None:
    office.deliver({"police/incidents.csv": incidents({"happened": "never", "grade": "x", "child": "?"})})
    assert [(fault[1], fault[2]) for fault in office.quarantine()] == [
        ("child", "not yes or no"),
        ("grade", "unknown code"),
        ("happened", "not a date"),
    ]


def test_an_empty_event_makes_no_fact_which_is_said_and_its_other_cells_do_not_matter(office, incidents: Text) -> None:
    report = office.deliver({"police/incidents.csv": incidents({"happened": "", "grade": "nonsense"})})
    assert report.files[0].accepted == 1
    said = "police/incidents.csv: 1 row has no date (happened). Who is named there is taken, and no record comes of it."
    assert said in report.warnings
    assert office.facts("domestic_abuse_incident", "line") == []
    assert len(office.identities()) == 1


def test_spellings_are_read_in_any_case_and_declared_empty_ones_are_no_value(office, incidents: Text) -> None:
    rows = [{"incident": str(n), "grade": grade} for n, grade in enumerate([" H ", "HIGH", "high", "N/K", ""])]
    office.deliver({"police/incidents.csv": incidents(*rows)})
    grades = [grade for _, grade in office.facts("domestic_abuse_incident", "line", "grade")]
    assert grades == ["high", "high", "high", None, None]


def test_a_number_that_fails_its_check_is_left_out_and_counted(office, incidents: Text) -> None:
    report = office.deliver(
        {
            "police/incidents.csv": incidents(
                {"nhs": "943 476 5919"}, {"incident": "i2", "person": "n2", "nhs": "943 476 5918"}
            )
        }
    )
    assert report.files[0].accepted == 2
    assert sorted(person["nhs_number"] or "" for person in office.identities()) == ["", "9434765919"]
    assert report.warnings == (
        "police: no file relations.csv in this delivery.",
        "police/incidents.csv: 1 NHS numbers fail their check and are not used to match people.",
    )


def test_a_row_of_several_facts_is_quarantined_whole(office, make_source: Callable[..., Source]) -> None:
    plans = Extract(
        file="plans.csv",
        facts=tuple(
            FactFields(
                kind=f"child_in_need_plan_{step}",
                person="child",
                event_date=column(step),
                values={"episode_id": column("plan")},
                record_key=("plan",),
            )
            for step in ("started", "ended")
        ),
    )
    office.sources = [make_source([plans])]
    text = "plan,child,started,ended\n1,a,2024-01-05,2024-02-05\n2,b,2024-01-05,\n3,c,2024-01-05,later\n"
    report = office.deliver({"police/plans.csv": text})
    assert (report.files[0].accepted, report.files[0].quarantined) == (2, 1)
    started = office.facts("child_in_need_plan_started", "line", "episode_id", "knowledge_date", "knowledge_basis")
    ended = office.facts("child_in_need_plan_ended", "line", "episode_id")
    assert [line for line, *_ in started] == [2, 3]
    assert [line for line, *_ in ended] == [2]
    assert ended[0][1] == started[0][1] != "1"
    assert started[0][2:] == ("2024-01-12", "imputed")


def test_what_is_known_no_later_than_its_delivery_bears_no_later_date(
    office, make_source: Callable[..., Source]
) -> None:
    births = Extract(file="b.csv", facts=(FactFields(kind="died", person="who", event_date=column("on")),))
    office.sources = [make_source([births], lag=timedelta(days=10))]
    office.deliver({"police/b.csv": "who,on\na,2024-06-01\nb,2024-06-28\n"}, on="2024-06-30")
    assert office.facts("died", "event_date", "knowledge_date", "knowledge_basis") == [
        ("2024-06-01", "2024-06-11", "imputed"),
        ("2024-06-28", "2024-06-30", "delivered"),
    ]


def test_a_flag_decides_whether_a_row_makes_a_fact(office, make_source: Callable[..., Source]) -> None:
    left = FactFields(kind="moved_out", person="who", event_date=column("on"), when=column("left"))
    office.sources = [make_source([Extract(file="m.csv", facts=(left,))])]
    report = office.deliver(
        {"police/m.csv": "who,on,left\na,2024-06-01,yes\nb,2024-06-02,no\nc,2024-06-03,\nd,2024-06-04,x\n"}
    )
    assert (report.files[0].accepted, report.files[0].quarantined) == (3, 1)
    assert office.facts("moved_out", "event_date") == [("2024-06-01",)]
    assert office.quarantine() == [(5, "left", "not yes or no", "a")]


def test_rows_with_more_or_fewer_fields_are_quarantined_and_lines_are_counted_over_line_breaks(
    office, incidents: Text
) -> None:
    text = (
        incidents({"name": '"Ann\nMary"'}, {"incident": "i2", "grade": "?"})
        + "\ni3,too,short\n"
        + incidents({"incident": "i4", "child": "?"}).split("\n", 1)[1]
    )
    report = office.deliver({"police/incidents.csv": text})
    assert (report.files[0].rows, report.files[0].accepted, report.files[0].quarantined) == (4, 1, 3)
    assert office.quarantine() == [
        (4, "grade", "unknown code", "?"),
        (6, "", "3 fields", ""),
        (7, "child", "not yes or no", "?"),
    ]


# The content of a file, and what is said of it.
UNUSABLE = [
    (b"", "police/incidents-{number}.csv: the file is empty. Expected a header and rows."),
    (b"\n\n", "police/incidents-{number}.csv: the file is empty"),
    (b"incident,person,name,born,nhs,happened,recorded,grade\n", "no column 'child'. Those that do: born, grade"),
    (b"incident;person;name\n1;2;3\n", "the header has one column and holds ';'. Declare delimiter=';'"),
    (
        b"person,person,incident,name,born,nhs,happened,recorded,grade,child\n",
        "more than one column is named person",
    ),
    (b"incident,person\n1,Ren\xe9e\n", "police/incidents-{number}.csv:2: not utf-8, from byte 6 of the line on"),
    (
        b'incident,person,name,born,nhs,happened,recorded,grade,child\n1,"open\n',
        "a quotation mark is opened and not closed",
    ),
]


def test_files_that_cannot_be_used_load_nothing_are_told_at_once_and_the_others_are_loaded(
    office, incidents: Text
) -> None:
    files = {f"police/incidents-{number}.csv": content for number, (content, _) in enumerate(UNUSABLE)}
    with pytest.raises(LoadError) as raised:
        office.deliver({**files, "police/incidents.csv": incidents({})})
    for number, (fault, (_, message)) in enumerate(zip(raised.value.faults, UNUSABLE, strict=True)):
        assert fault.startswith(f"police/incidents-{number}.csv:")
        assert message.format(number=number) in fault
    assert str(raised.value).endswith("\nThe other files (1) are loaded.")
    assert [file.file for file in raised.value.report.files] == ["police/incidents.csv"]
    assert office.facts("domestic_abuse_incident", "line") == [(2,)]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("", "police/delivery.toml: Expected a line such as `extracted_on = 2026-03-29`"),
        ('extracted_on = "2026-03-29"', "a date without quotation marks"),
        ("extracted_on = ", "police/delivery.toml: not TOML"),
        (
            "extracted_on = 2026-03-29\nsynthetc = true",
            "unknown key synthetc. Those that exist: extracted_on, synthetic",
        ),
    ],
)
def test_a_delivery_that_does_not_say_its_day_is_refused(office, incidents: Text, toml: str, message: str) -> None:
    extracts = office.write({"police/incidents.csv": incidents({})}, toml=toml)
    with pytest.raises(LoadError) as raised:
        office.load(extracts)
    assert message in str(raised.value)


def test_a_delivery_without_its_toml_is_refused(office, incidents: Text) -> None:
    extracts = office.write({"police/incidents.csv": incidents({})})
    (extracts / "police" / "delivery.toml").unlink()
    with pytest.raises(LoadError, match=r"police/delivery\.toml: missing\. Expected a line such as"):
        office.load(extracts)


def test_extracts_without_any_agencys_folder_are_refused(office) -> None:
    office.folder.joinpath("elsewhere").mkdir()
    with pytest.raises(DataError, match=r"elsewhere: no folder of any agency\. Expected one or more of: police"):
        office.load(office.folder / "elsewhere")


def test_a_file_that_no_extract_declares_is_told_and_left(office, incidents: Text) -> None:
    report = office.deliver({"police/incidents.csv": incidents({}), "police/extra.csv": "a\n1\n"})
    assert "police/extra.csv: no extract declares it; it is left unread." in report.warnings


def test_a_header_without_rows_is_told(office, incidents: Text) -> None:
    report = office.deliver({"police/incidents.csv": incidents()})
    assert report.files[0].rows == 0
    assert "police/incidents.csv: a header and no rows." in report.warnings


def test_a_file_delivered_twice_is_told_and_changes_nothing(office, incidents: Text) -> None:
    extracts = office.write({"police/incidents.csv": incidents({}, {"child": "?"})})
    office.load(extracts)
    before = office.ask(lambda staging: staging.facts("domestic_abuse_incident"))
    report = office.load(extracts)
    (file,) = report.files
    assert (file.already_loaded, file.rows, file.accepted, file.quarantined) == (True, 2, 1, 1)
    assert report.warnings[-1] == (
        "police/incidents.csv: delivered twice; the same file of 2024-06-30 is loaded already."
    )
    assert office.ask(lambda staging: staging.facts("domestic_abuse_incident")) == before


def test_synthetic_and_real_deliveries_do_not_share_a_data_folder(office, incidents: Text) -> None:
    office.deliver({"police/incidents.csv": incidents({})})
    synthetic = office.write(
        {"police/incidents.csv": incidents({})}, toml="extracted_on = 2024-07-31\nsynthetic = true\n"
    )
    with pytest.raises(DataError, match="synthetic and real deliveries cannot share a data folder"):
        office.load(synthetic)


def test_a_wrong_declaration_stops_the_load_before_any_file_is_opened(office, incidents: Text) -> None:
    wrong = replace(office.sources[0].extracts[0].facts[0], kind="domestic_incident")
    extract = replace(office.sources[0].extracts[0], facts=(wrong,))
    office.sources = [replace(office.sources[0], extracts=(extract,))]
    with pytest.raises(DeclarationError, match=r"no kind of fact 'domestic_incident'\. Those that do"):
        office.deliver({"police/incidents.csv": incidents({})})
    assert not office.data.exists()


def test_the_same_file_is_read_alike_from_parquet_gzip_and_another_encoding(
    office, incidents: Text, make_source: Callable[..., Source]
) -> None:
    text = incidents({"name": "Renée", "nhs": "943 476 5919"})
    declared = office.sources[0].extracts[0]
    values = dict(zip(text.splitlines()[0].split(","), text.splitlines()[1].split(","), strict=True))
    typed = {
        **values,
        "happened": date(2024, 3, 1),
        "recorded": date(2024, 3, 3),
        "born": date(2015, 2, 1),
        "child": True,
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({name: [value] for name, value in typed.items()}), sink)
    person = replace(declared.persons[0], date_of_birth=column("born"))
    fact = replace(declared.facts[0], event_date=column("happened"), knowledge_date=column("recorded"))
    typed_extract = replace(declared, file="*.parquet", persons=(person,), facts=(fact,))
    for content, file, extract in (
        (text.encode(), "incidents.csv", declared),
        (b"\xef\xbb\xbf" + text.encode(), "incidents.csv", declared),
        (text.encode("cp1252"), "incidents.csv", replace(declared, encoding="cp1252")),
        (text.encode("utf-16"), "incidents.csv", replace(declared, encoding="utf-16")),
        (text.replace(",", "|").encode(), "incidents.csv", replace(declared, delimiter="|")),
        (text.replace("\n", "\r\n").encode(), "incidents.csv", declared),
        (gzip.compress(text.encode()), "incidents.csv.gz", replace(declared, file="*.csv.gz")),
        (sink.getvalue().to_pybytes(), "incidents.parquet", typed_extract),
    ):
        reader = type(office)(office.folder / str(office.deliveries), [make_source([extract])])
        reader.deliver({f"police/{file}": content})
        (person_read,) = reader.identities()
        assert (person_read["given_name"], person_read["nhs_number"]) == ("Renée", "9434765919")
        assert reader.facts("domestic_abuse_incident", "event_date", "knowledge_date", "child_present") == [
            ("2024-03-01", "2024-03-03", True)
        ]
        office.deliveries += 1


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("x.csv.gz", gzip.compress(b"who,on\na,2024-01-01\n", mtime=0)[:-9], "police/x.csv.gz: not a whole gzip file"),
        ("x.parquet", b"PAR1 and no more", "police/x.parquet: not a whole Parquet file"),
    ],
)
def test_a_cut_off_file_is_refused(
    office, make_source: Callable[..., Source], file: str, content: bytes, message: str
) -> None:
    died = FactFields(kind="died", person="who", event_date=column("on"))
    office.sources = [make_source([Extract(file="x*", facts=(died,))])]
    with pytest.raises(LoadError, match=message):
        office.deliver({f"police/{file}": content})


def test_no_identity_stands_in_any_file_but_the_encrypted_one(office, incidents: Text) -> None:
    planted = {"name": "Zebedee", "person": "PERSON-774411", "incident": "INCIDENT-991188"}
    office.deliver({"police/incidents.csv": incidents(planted, {**planted, "incident": "other", "child": "?"})})
    office.deliver({"police/incidents.csv": incidents({**planted, "grade": "m"})}, on="2024-07-31")
    for path in office.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for word in (b"Zebedee", b"774411", b"991188"):
                assert word not in content, path


def test_files_with_identities_are_private(office, incidents: Text) -> None:
    office.deliver({"police/incidents.csv": incidents({})})
    assert {path.name: path.stat().st_mode & 0o777 for path in office.data.iterdir()} == {
        "staging.duckdb": 0o600,
        "identities.sqlite": 0o600,
    }
    assert office.data.stat().st_mode & 0o777 == 0o700


def test_the_same_deliveries_make_the_same_facts(office, incidents: Text, tmp_path: Path) -> None:
    text = incidents(*({"incident": str(number), "person": str(number % 7)} for number in range(50)))
    other = type(office)(tmp_path / "again")
    for one in (office, other):
        one.deliver({"police/incidents.csv": text})
        one.deliver({"police/incidents.csv": text.replace(",h,", ",m,")}, on="2024-07-31")
    columns = ("fact_id", "record_id", "record_key", "knowledge_date", "superseded_on", "grade")
    assert office.facts("domestic_abuse_incident", *columns) == other.facts("domestic_abuse_incident", *columns)


def test_a_load_that_was_killed_leaves_no_identities_behind(office, incidents: Text) -> None:
    office.deliver({"police/incidents.csv": incidents({})})
    with open_staging(office.data) as staging:
        staging.connection.execute("delete from deliveries")
    office.deliver({"police/incidents.csv": incidents({"name": "Bo"})})
    assert [person["given_name"] for person in office.identities()] == ["Bo"]


def test_another_key_than_the_first_is_refused_for_its_pseudonyms_would_match_no_others(
    office, incidents: Text
) -> None:
    extracts = office.write({"police/incidents.csv": incidents({})})
    office.load(extracts)
    with pytest.raises(DataError, match="written with another key"):
        load(extracts, data=office.data, sources=office.sources, contract=office.contract, identity_key=bytes(32))


def test_relationships_are_known_when_recorded_and_their_ends_not_before_they_come(office) -> None:
    text = (
        "person,other,is,from,to,recorded\n"
        "m,c,mother,2015-01-01,,2020-05-01\n"
        "m,d,mother,2015-01-01,2023-01-01,2020-05-01\n"
        "m,,mother,2015-01-01,,2020-05-01\n"
        "m,e,aunt,2015-01-01,,2020-05-01\n"
    )
    report = office.deliver({"police/relations.csv": text})
    assert (report.files[0].accepted, report.files[0].quarantined) == (2, 2)
    faults = office.ask(Staging.quarantine)
    assert [(row["line"], row["column"], row["rule"]) for row in faults] == [
        (4, "other", "tells nothing"),
        (5, "is", "unknown code"),
    ]
    rows = office.ask(Staging.relationships)
    told = sorted((str(row["ended_on"]), str(row["knowledge_date"]), row["relationship"]) for row in rows)
    assert told == [
        ("2023-01-01", "2023-01-01", "parent_of"),
        ("None", "2020-05-01", "parent_of"),
        ("None", "2020-05-01", "parent_of"),
    ]
    assert len(office.ask(Staging.person_records)) == 3


def test_a_row_of_which_no_record_comes_is_kept_and_one_that_holds_nothing_is_not(office, incidents: Text) -> None:
    header, row = incidents({"incident": "1"}).splitlines()
    undated = incidents({"incident": "2", "happened": "", "person": ""}).splitlines()[1]
    count = "Rows: 2" + "," * header.count(",")
    report = office.deliver({"police/incidents.csv": "\n".join([header, row, undated, count, "," * header.count(",")])})
    assert (report.files[0].accepted, report.files[0].quarantined) == (1, 2)
    faults = office.ask(Staging.quarantine)
    expected = "a value here: without one no record comes of the row"
    assert [(row["line"], row["column"], row["rule"], row["expected"], row["shape"]) for row in faults] == [
        (3, "happened", "tells nothing", expected, ""),
        (4, "happened", "tells nothing", expected, ""),
    ]


def test_an_end_that_is_delivered_later_is_known_later(office) -> None:
    header = "person,other,is,from,to,recorded\n"
    office.deliver({"police/relations.csv": header + "m,c,mother,2015-01-01,,2020-05-01\n"}, on="2024-06-30")
    office.deliver({"police/relations.csv": header + "m,c,mother,2015-01-01,2024-01-01,2020-05-01\n"}, on="2024-07-31")
    office.deliver(
        {"police/relations.csv": header + "m,c,mother,2015-01-01,2024-01-01,2020-05-01\n\n"}, on="2024-08-31"
    )
    rows = office.ask(Staging.relationships)
    assert sorted((str(row["ended_on"]), str(row["knowledge_date"])) for row in rows) == [
        ("2024-01-01", "2024-07-31"),
        ("None", "2020-05-01"),
    ]


def test_a_person_is_known_from_the_day_on_which_the_agency_recorded_him(
    office, make_source: Callable[..., Source]
) -> None:
    fields = PersonFields(key=column("id"), given_name=column("name"), recorded_on=column("created"))
    office.sources = [make_source([Extract(file="p.csv", persons=(fields,))])]
    office.deliver({"police/p.csv": "id,name,created\n1,Ann,2021-05-06\n2,Bo,\n,Nobody,2021-05-06\n"})
    known = {person["given_name"]: str(person["known_from"]) for person in office.identities()}
    assert known == {"Ann": "2021-05-06", "Bo": "2024-06-30"}
    assert sorted(str(row["known_from"]) for row in office.ask(Staging.person_records)) == ["2021-05-06", "2024-06-30"]


def test_a_constant_stands_on_every_row(office, make_source: Callable[..., Source]) -> None:
    suspended = FactFields(kind="suspension", person="pupil", event_date=column("on"), values={"sessions": constant(2)})
    office.sources = [make_source([Extract(file="s.csv", facts=(suspended,))])]
    office.deliver({"police/s.csv": "pupil,on\na,2024-01-05\nb,2024-01-06T10:30:00\n"})
    assert office.facts("suspension", "event_date", "sessions") == [("2024-01-05", 2), ("2024-01-06", 2)]
