"""Files that are broken, mistaken or meant to harm: refused or quarantined with what is wrong, never half-loaded."""

import gzip
import io
import os
import resource
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from targeting.sources import loading
from targeting.sources.definition import CinCensus, Extract, FactFields, Source, column
from targeting.sources.loading import LoadError
from targeting.store import files
from targeting.store.staging import Staging

Text = Callable[..., str]
DIED = Extract(file="x*", facts=(FactFields(kind="died", person="who", event_date=column("on", format="%d/%m/%Y")),))
HEADER = b"who,on\n"
ROW = b"a,04/03/2024\n"
CENSUS = "<Message><Header><Collection>CIN</Collection><ReferenceDate>2024-03-31</ReferenceDate></Header>{}</Message>"


def zipped() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("x.csv", HEADER + ROW)
    return sink.getvalue()


REFUSED = [
    ("a zip", zipped(), "police/x.csv: a zip archive or an Excel workbook, whatever its name says"),
    ("gzip", gzip.compress(HEADER + ROW), "police/x.csv: compressed by gzip. Name it so that it ends in .gz"),
    ("utf-16", (HEADER + ROW).decode().encode("utf-16"), "the byte order mark of utf-16. Declare encoding='utf-16'"),
    (
        "utf-16 unmarked",
        (HEADER + ROW).decode().encode("utf-16-le"),
        "police/x.csv:1: holds NUL bytes. It may be utf-16",
    ),
    (
        "Windows-1252 inside utf-8",
        HEADER + "Renée,04/03/2024\n".encode() + "Renée,05/03/2024\n".encode("cp1252"),
        "police/x.csv:3: not utf-8, from byte 4 of the line on",
    ),
    ("cut amid a character", HEADER + "é".encode()[:1], "police/x.csv:2: not utf-8, from byte 1 of the line on"),
    ("another delimiter", b"who|on\na|04/03/2024\n", "the header has one column and holds '|'. Declare delimiter='|'"),
    ("a header twice", b"who,on,who\na,04/03/2024,b\n", "more than one column is named who"),
    ("a column missing", b"who,when\na,04/03/2024\n", "no column 'on'. Those that do: when, who"),
    ("nothing", b"", "police/x.csv: the file is empty"),
    ("nothing but line ends", b"\r\n" * 5, "police/x.csv: the file is empty"),
    ("carriage returns", b"who,on\ra,04/03/2024\r", "police/x.csv:1: lines end in carriage returns alone"),
    ("a million columns", b"who,on" + b"," * 1_000_000 + b"\n" + ROW, "the header has more than 4096 columns"),
    ("an open quotation", HEADER + ROW * 3 + b'"a,04/03/2024\n' + ROW, "police/x.csv:5: a quotation mark is opened"),
]


def deliver(office, make_source: Callable[..., Source], content: bytes, extract: Extract | CinCensus = DIED):
    office.sources = [make_source([extract])]
    return office.deliver({f"police/{extract.file.replace('*', '.csv' if extract is DIED else 'x')}": content})


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_not_the_declared_text_is_refused_and_nothing_of_it_is_kept(
    office, make_source: Callable[..., Source], content: bytes, message: str
) -> None:
    with pytest.raises(LoadError) as raised:
        deliver(office, make_source, content)
    assert message in str(raised.value)
    assert "Renée" not in str(raised.value)
    assert office.ask(Staging.deliveries) == []
    assert office.identities() == []


# What comes behind the gigabyte does not matter: none of it is read.
ENDLESS = [
    ("text on one line", HEADER + ROW, b"a", "police/x.csv.gz:3: cannot be read as rows parted by ','"),
    ("an open quotation", HEADER + ROW + b'"', b"a\n", "police/x.csv.gz:3: a quotation mark is opened and not closed"),
    ("NUL bytes", HEADER + ROW, b"\0", "police/x.csv.gz:3: holds NUL bytes and no end of a row within 16 MiB"),
    ("a header", b"who", b"o", "police/x.csv.gz:1: cannot be read as rows parted by ','"),
]


@pytest.mark.parametrize(
    ("begin", "filling", "message"), [case[1:] for case in ENDLESS], ids=[case[0] for case in ENDLESS]
)
def test_a_gigabyte_without_an_end_of_a_row_is_refused_in_bounded_memory(
    office, make_source: Callable[..., Source], begin: bytes, filling: bytes, message: str
) -> None:
    office.sources = [make_source([DIED])]
    million = filling * ((1 << 20) // len(filling))
    # A gzip may have many members: one of a mebibyte, a thousand times.
    extracts = office.write({"police/x.csv.gz": gzip.compress(begin) + gzip.compress(million) * 1024})
    tracemalloc.start()
    with pytest.raises(LoadError) as raised:
        office.load(extracts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert message in str(raised.value)
    assert peak < 100 << 20
    assert office.ask(Staging.deliveries) == []


def test_a_sparse_file_is_refused_as_soon_as_it_is_read(office, make_source: Callable[..., Source]) -> None:
    office.sources = [make_source([DIED])]
    extracts = office.write({"police/x.csv": HEADER})
    os.truncate(extracts / "police" / "x.csv", 1 << 28)
    with pytest.raises(LoadError, match=r"police/x\.csv:2: holds NUL bytes and no end of a row within 16 MiB"):
        office.load(extracts)


def test_rows_with_nul_bytes_are_quarantined_and_the_others_stand(office, make_source: Callable[..., Source]) -> None:
    (file,) = deliver(office, make_source, HEADER + ROW + b"b\0c,04/03/2024\n" + b"d,0\0/03/2024\n").files
    assert (file.rows, file.accepted, file.quarantined) == (3, 1, 2)
    assert [fault[:3] for fault in office.quarantine()] == [
        (3, "who", "a NUL byte"),
        (4, "on", "a NUL byte"),
        (4, "on", "not a date"),
    ]


def test_of_three_date_formats_the_declared_one_is_read_and_the_others_are_quarantined(
    office, make_source: Callable[..., Source]
) -> None:
    days = ("04/03/2024", "2024-03-04", "04-Mar-2024", "03/14/2024", "4/3/2024")
    report = deliver(office, make_source, HEADER + "".join(f"a,{day}\n" for day in days).encode())
    assert (report.files[0].accepted, report.files[0].quarantined) == (2, 3)
    assert {event for (event,) in office.facts("died", "event_date")} == {"2024-03-04"}
    assert [(line, shape) for line, _, _, shape in office.quarantine()] == [
        (3, "9999-99-99"),
        (4, "99-Aaa-9999"),
        (5, "99/99/9999"),
    ]
    # The fourth has the form of the declared format and no such day: then days of other rows may be swapped unseen.
    assert (
        "police/x.csv: column on: 1 date has the form of %d/%m/%Y and is no day. Another order of day and month may "
        "be mixed in: ask the agency." in report.warnings
    )


def test_line_ends_within_quotation_marks_part_no_rows(office, make_source: Callable[..., Source]) -> None:
    (file,) = deliver(office, make_source, HEADER + b'"a\n\nb",04/03/2024\r\n"c\r\nd",x\n').files
    assert (file.rows, file.accepted, file.quarantined) == (2, 1, 1)
    assert [fault[0] for fault in office.quarantine()] == [5]


def test_a_link_out_of_the_agencys_folder_is_not_followed(office, make_source: Callable[..., Source]) -> None:
    office.sources = [make_source([DIED])]
    extracts = office.write({"police/x.csv": HEADER + ROW, "other/secret.csv": HEADER + ROW})
    (extracts / "police" / "x2.csv").symlink_to(extracts / "other" / "secret.csv")
    (extracts / "police" / "x3.csv").symlink_to("x.csv")
    (extracts / "police" / "x4.csv").symlink_to("gone.csv")
    (extracts / "police" / "xfolder").symlink_to(extracts / "other")
    os.mkfifo(extracts / "police" / "x5.csv")
    with pytest.raises(LoadError) as raised:
        office.load(extracts)
    assert [fault.partition(":")[0] for fault in raised.value.faults] == [
        "police/x2.csv",
        "police/x4.csv",
        "police/xfolder",
    ]
    assert all("a link that leads out of the agency's folder" in fault for fault in raised.value.faults)
    # The link within the folder is the same file, known again by its content.
    assert [(file.file, file.already_loaded) for file in raised.value.report.files] == [
        ("police/x.csv", False),
        ("police/x3.csv", True),
    ]


BOMBS = [
    (
        "an entity bomb",
        '<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + CENSUS.format("<Child>&b;</Child>"),
        "holds a document type or entities",
    ),
    (
        "an external entity",
        '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + CENSUS.format("<Child>&a;</Child>"),
        "holds a document type or entities",
    ),
    ("a long text", CENSUS.format("<Child><LAchildID>" + "a" * (1 << 22)), "a tag or text of megabytes"),
    ("a long tag", CENSUS.format(f'<Child a="{"a" * (1 << 24)}"/>'), "a tag or text of megabytes"),
    ("a child of many elements", CENSUS.format("<Child>" + "<a/>" * 100_000 + "</Child>"), "65,536 of one child"),
    ("many elements beside children", CENSUS.format("<a/>" * 100_000), "65,536 of one child"),
    ("a deep tree", CENSUS.format("<a>" * 100_000 + "</a>" * 100_000), "elements 64 deep"),
]


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in BOMBS], ids=[case[0] for case in BOMBS])
def test_xml_that_would_swell_is_refused_in_bounded_memory(
    office, make_source: Callable[..., Source], content: str, message: str
) -> None:
    office.sources = [make_source([CinCensus(file="x.xml")])]
    extracts = office.write({"police/x.xml": content})
    tracemalloc.start()
    with pytest.raises(LoadError, match=message):
        office.load(extracts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 << 20


def test_a_file_that_changes_while_it_is_read_is_refused(
    office, incidents: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    extracts = office.write({"police/incidents.csv": incidents({})})
    path = extracts / "police" / "incidents.csv"
    digest = loading.sha256_of

    def written_to(read: Path) -> str:
        content = digest(read)
        path.write_text(incidents({}, {"incident": "i2"}))
        return content

    monkeypatch.setattr(loading, "sha256_of", written_to)
    with pytest.raises(LoadError, match=r"police/incidents\.csv: changed while it was read"):
        office.load(extracts)
    assert office.ask(Staging.deliveries) == []
    assert office.identities() == []


def test_where_the_disk_is_full_what_was_loaded_stands_and_the_rest_is_loaded_once_there_is_room(
    office, incidents: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    extracts = office.write({f"police/incidents{n}.csv": incidents({"incident": f"i{n}"}) for n in range(3)})
    commits = iter(range(10))

    def fail(step: str) -> None:
        if step == "commit staging" and next(commits) == 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "before", fail)
    with pytest.raises(LoadError, match=r"police/incidents1\.csv: no space left in .*\. Make room and load again"):
        office.load(extracts)
    assert [row["file"] for row in office.ask(Staging.deliveries)] == ["police/incidents0.csv"]
    monkeypatch.undo()
    assert [file.already_loaded for file in office.load(extracts).files] == [True, False, False]
    assert len(office.facts("domestic_abuse_incident", "line")) == len(office.ask(Staging.deliveries)) == 3


@pytest.mark.parametrize("limit", [1 << 10, 1 << 15, 600 << 10])
def test_where_files_may_not_grow_nothing_is_half_loaded(office, incidents: Text, limit: int) -> None:
    rows = ({"incident": str(n), "person": str(n), "name": f"Ann{n * 7919 % 10007}"} for n in range(6000))
    extracts = office.write({"police/incidents.csv": incidents(*rows)})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(loading.DataError, match="no space left in"):
            office.load(extracts)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    (file,) = office.load(extracts).files
    assert (file.already_loaded, file.rows, file.accepted) == (False, 6000, 6000)
    assert len(office.facts("domestic_abuse_incident", "line")) == len(office.identities()) == 6000


def test_the_wrong_encoding_in_another_block_is_told_with_its_line(office, make_source: Callable[..., Source]) -> None:
    extract = replace(DIED, encoding="utf-16")
    text = "who,on\n" + "a,04/03/2024\n" * 200_000
    office.sources = [make_source([extract])]
    with pytest.raises(LoadError, match=r"police/x\.csv:200002: not utf-16"):
        office.deliver({"police/x.csv": text.encode("utf-16") + b"\x00\xd8\x00\x00"})
