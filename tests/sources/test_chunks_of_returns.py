"""Returns of specified formats read in chunks mean what they mean read in one; what must be held whole has a limit."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from targeting.sources import ssda903
from targeting.sources.definition import AnnexA, AnyExtract, CinCensus, SafeguardingDataset, Source, Ssda903
from targeting.sources.loading import LoadError, load
from targeting.sources.raw_rows import ChunkSize
from targeting.store.identities import Identities
from targeting.store.staging import Staging, fact_table, open_staging

KEY = bytes(range(32))
CHILD = """<Child><ChildIdentifiers><LAchildID>c{n}</LAchildID><PersonBirthDate>2015-03-27</PersonBirthDate><Sex>F</Sex>
</ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics><CINdetails>
<CINreferralDate>2022-05-{day:02}</CINreferralDate><ReferralSource>1A</ReferralSource>
<PrimaryNeedCode>N1</PrimaryNeedCode><ReferralNFA>false</ReferralNFA></CINdetails></Child>"""
# More than the parser is fed at once, so that children end in several portions; a day of 31 and of 32 among them.
CENSUS = (
    "<Message><Header><Collection>CIN</Collection><Year>2023</Year><ReferenceDate>2023-03-31</ReferenceDate></Header>"
    "<Children>" + "".join(CHILD.format(n=n, day=1 + n % 32) for n in range(3000)) + "</Children></Message>"
)
EPISODE = "c{child},0{day}/06/2023,{began},C2,N1,U1,PR4,0{next}/06/2023,{ended},,,,\n"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n" + "".join(
    EPISODE.format(child=n // 3, day=1 + n % 3, next=2 + n % 3, began="SPP"[n % 3], ended=("X1", "X1", "E13")[n % 3])
    for n in range(90)
)
ASSESSMENT = "a{n},p{child},2023-05-01,2023-06-{day:02},N\n"
ASSESSMENTS = (
    "cina_assessment_id,cina_person_id,cina_assessment_start_date,cina_assessment_auth_date,cina_assessment_outcome_nfa\n"
    + "".join(ASSESSMENT.format(n=n, child=n % 7, day=1 + n % 30) for n in range(40))
)
FACTORS = "cinf_table_id,cinf_assessment_id,cinf_assessment_factors_json\n" + "".join(
    f'{n},a{n},"[""1A"",""2B"",""99Z""]"\n' for n in range(40)
)
CONTACT = ("Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age", "Date of Contact", "Contact Source")


def contacts(rows: int) -> bytes:
    """Return a workbook of so many contacts; every fifth has no date."""
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "List 1"
    book.active.append(CONTACT)
    for n in range(rows):
        day = f"{1 + n % 28}/9/2020" if n % 5 else "soon"
        book.active.append((n // 2, "F", "a) WBRI", "25/01/2015", 6, day, "q) 6: Police"))
    book.save(target)
    return target.getvalue()


CASES: Mapping[str, tuple[AnyExtract, Mapping[str, str | bytes]]] = {
    "CIN Census": (CinCensus(file="*.xml"), {"office/a.xml": CENSUS}),
    "SSDA903": (Ssda903(file="*.csv", year=2024), {"office/episodes.csv": EPISODES}),
    "Annex A": (AnnexA(file="*.xlsx"), {"office/annex.xlsx": contacts(60)}),
    "dataset": (
        SafeguardingDataset(file="*.csv"),
        {"office/ssd_cin_assessments.csv": ASSESSMENTS, "office/ssd_assessment_factors.csv": FACTORS},
    ),
}


def staged(office, extracts: Path, data: Path, size: ChunkSize) -> tuple[object, ...]:
    """Return all that a load with chunks of that size stages, and its report."""
    report = load(extracts, data=data, sources=office.sources, contract=office.contract, identity_key=KEY, size=size)
    with open_staging(data) as staging:
        names = ("deliveries", "sightings", "quarantine", *map(fact_table, staging.fact_kinds()))
        tables = {name: staging.table(f"from {name} order by all").to_pylist() for name in names}
    return report, tables, Identities(data, KEY).read().to_pylist()


@pytest.mark.parametrize("name", CASES)
def test_a_return_in_chunks_is_that_of_the_whole(
    office, make_source: Callable[..., Source], tmp_path: Path, name: str
) -> None:
    extract, files = CASES[name]
    office.sources = [make_source([extract], name="office")]
    extracts = office.write(files, on="2024-06-30")
    whole = staged(office, extracts, tmp_path / "whole", ChunkSize())
    assert staged(office, extracts, tmp_path / "chunks", ChunkSize(rows=7)) == whole
    assert sum(file.accepted for file in whole[0].files) > 0
    assert all(file.rows == file.accepted + file.quarantined for file in whole[0].files)


def test_a_table_of_whose_rows_something_is_kept_has_a_limit(
    office, make_source: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    office.sources = [make_source([Ssda903(file="*.csv", year=2024)], name="office")]
    monkeypatch.setattr(ssda903, "MOST_ROWS", 89)
    with pytest.raises(LoadError, match=r"office/episodes\.csv: more than 89 rows, which no council's return has"):
        office.deliver({"office/episodes.csv": EPISODES}, on="2024-06-30")
    assert office.ask(Staging.deliveries) == []
