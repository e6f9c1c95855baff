"""CIN Census returns: DfE's XML, with its years, its stray text and its broken files."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from targeting.sources.cin_mapping import CIN_KINDS
from targeting.sources.coverage import coverage_of
from targeting.sources.definition import CinCensus, Source
from targeting.sources.loading import LoadError
from targeting.store.staging import Staging, open_staging

HEADER = """<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{year}</Year>
<ReferenceDate>{reference}</ReferenceDate></CollectionDetails></Header><Children>"""
CHILD = """<Child><ChildIdentifiers><LAchildID>{child}</LAchildID>{stray}<PersonBirthDate>2015-03-27</PersonBirthDate>
<Sex>{sex}</Sex></ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity>{disabilities}</ChildCharacteristics>
<CINdetails><CINreferralDate>{referred}</CINreferralDate><ReferralSource>{source}</ReferralSource>
<PrimaryNeedCode>N1</PrimaryNeedCode>{details}<ReferralNFA>{nfa}</ReferralNFA></CINdetails></Child>"""
FOOTER = "</Children></Message>"


@pytest.fixture
def census(office, make_source: Callable[..., Source]):
    office.sources = [make_source([CinCensus(file="*.xml")], name="census")]
    return office


def child(**changes: str) -> str:
    usual = {
        "child": "c1",
        "stray": "",
        "sex": "2",
        "disabilities": "",
        "referred": "2022-05-01",
        "source": "1A",
        "details": "",
        "nfa": "false",
    }
    return CHILD.format(**{**usual, **changes})


def message(*children: str, year: str = "2023", reference: str = "2023-03-31") -> str:
    return HEADER.format(year=year, reference=reference) + "\n".join(children) + FOOTER


def test_every_row_of_the_return_of_332_children_is_accepted_or_quarantined(census, reference_data: Path) -> None:
    path = reference_data / "formats" / "cin" / "fake_CIN_data.xml"
    report = census.deliver({"census/fake_CIN_data.xml": path.read_bytes()}, on="2022-08-01")
    (file,) = report.files
    text = path.read_text()
    rows = {tag: text.count(f"<{tag}>") for tag in ("Child", "Disability", "CINdetails")}
    assert rows["Child"] == 332
    assert file.rows == sum(rows.values()) == file.accepted + file.quarantined
    lines = {(row["part"], row["line"]) for row in census.ask(Staging.quarantine)}
    assert len(lines) == file.quarantined == 14
    # The fourteen are referrals received or closed after the day to which the return refers.
    assert {row["rule"] for row in census.ask(Staging.quarantine)} == {"after the day of the return"}
    assert len(census.identities()) == 332
    assert len(census.facts("referral", "line")) == rows["CINdetails"] - 14
    assert len(census.facts("died", "line")) == text.count("<PersonDeathDate>")
    assert set(census.facts("referral", "knowledge_date", "knowledge_basis")) == {("2022-07-21", "delivered")}


@pytest.mark.parametrize("name", ["CIN_Census_2021.xml", "CIN_Census_2024.xml", "liia_cin-2022.xml"])
def test_the_other_samples_load(census, reference_data: Path, name: str) -> None:
    extracts = census.write({f"census/{name}": ""}, on="2024-08-01")
    shutil.copy(reference_data / "formats" / "cin" / name, extracts / "census" / name)
    (file,) = census.load(extracts).files
    assert file.rows == file.accepted + file.quarantined >= 10
    assert file.accepted >= 9


def test_a_child_becomes_the_facts_of_the_contract(census) -> None:
    details = """
        <CINclosureDate>2022-11-30</CINclosureDate><ReasonForClosure>RC8</ReasonForClosure>
        <Assessments><AssessmentActualStartDate>2022-05-02</AssessmentActualStartDate>
          <AssessmentAuthorisationDate>2022-06-10</AssessmentAuthorisationDate>
          <FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors><AssessmentFactors>4B</AssessmentFactors>
          </FactorsIdentifiedAtAssessment></Assessments>
        <CINPlanDates><CINPlanStartDate>2022-07-01</CINPlanStartDate></CINPlanDates>
        <Section47><S47ActualStartDate>2022-06-02</S47ActualStartDate><DateOfInitialCPC>2022-06-17</DateOfInitialCPC>
          <ICPCnotRequired>false</ICPCnotRequired></Section47>
        <ChildProtectionPlans><CPPstartDate>2022-06-17</CPPstartDate><CPPendDate>2022-11-01</CPPendDate>
          <InitialCategoryOfAbuse>PHY</InitialCategoryOfAbuse><NumberOfPreviousCPP>1</NumberOfPreviousCPP>
          <Reviews><CPPreviewDate>2022-09-14</CPPreviewDate></Reviews></ChildProtectionPlans>
    """
    disabilities = "<Disabilities><Disability>VIS</Disability><Disability>AUT</Disability></Disabilities>"
    report = census.deliver(
        {"census/c.xml": message(child(details=details, nfa="1", disabilities=disabilities, sex="F"))}
    )
    assert (report.files[0].rows, report.files[0].quarantined) == (11, 0)
    assert census.facts("referral", "event_date", "referral_source", "primary_need") == [("2022-05-01", "1A", "N1")]
    assert census.facts("referral_no_further_action", "event_date") == [("2022-05-01",)]
    assert census.facts("referral_closed", "event_date", "reason") == [("2022-11-30", "RC8")]
    assert census.facts("assessment_completed", "event_date", "found_in_need") == [("2022-06-10", False)]
    assert census.facts("assessment_factor", "factor") == [("3B",), ("4B",)]
    assert census.facts("section_47_started", "event_date") == [("2022-06-02",)]
    assert census.facts("section_47_ended", "event_date", "outcome") == [("2022-06-17", "conference")]
    assert census.facts("child_in_need_plan_started", "event_date") == [("2022-07-01",)]
    assert census.facts("child_in_need_plan_ended", "event_date") == []
    assert census.facts("child_protection_plan_started", "event_date", "category", "previous_plans") == [
        ("2022-06-17", "PHY", 1)
    ]
    assert census.facts("initial_conference_held", "event_date") == [("2022-06-17",)]
    assert census.facts("review_conference_held", "event_date") == [("2022-09-14",)]
    assert census.facts("child_protection_plan_ended", "event_date") == [("2022-11-01",)]
    assert census.facts("person_described", "sex", "ethnicity", "disability") == [
        ("2", "WBRI", "AUT"),
        ("2", "WBRI", "VIS"),
    ]
    started, ended = (census.facts(f"child_protection_plan_{step}", "episode_id") for step in ("started", "ended"))
    assert started == ended
    assert census.facts("referral", "episode_id") == census.facts("referral_closed", "episode_id")


def test_codes_hold_in_the_year_of_the_reference_date_and_a_header_of_another_year_is_told(census) -> None:
    early_help = child(source="5D")
    report = census.deliver({"census/a.xml": message(early_help, year="2023", reference="2022-03-31")}, on="2023-08-01")
    assert report.warnings == (
        "census/a.xml: the header says year 2023, the reference date is 2022-03-31; the codes of 2022 hold.",
    )
    assert [fault[1:3] for fault in census.quarantine()] == [
        ("CINreferralDate", "after the day of the return"),
        ("ReferralSource", "code not in force in 2022"),
    ]
    report = census.deliver({"census/b.xml": message(early_help)}, on="2023-08-01")
    assert (report.warnings, report.files[0].quarantined) == ((), 0)


def test_what_is_odd_about_a_return_is_told_with_lines_and_counts_and_never_a_value(census) -> None:
    odd = child(
        stray="Ann Smith",
        details="""<LatestGossip>she said</LatestGossip><ChildProtectionPlans><CPPstartDate>2022-06-17</CPPstartDate>
          <InitialCategoryOfAbuse>PHY</InitialCategoryOfAbuse><LatestCategoryOfAbuse>BAD</LatestCategoryOfAbuse>
        </ChildProtectionPlans>""",
    )
    report = census.deliver({"census/CIN_2021.xml": message(odd, odd)}, on="2023-08-01")
    place = "census/CIN_2021.xml"
    assert report.warnings == (
        f"{place}: the name says 2021, the reference date 2023; the codes of 2023 hold.",
        f"{place}: text between elements on 2 lines (2, 8); it is passed over.",
        f"{place}: 1 children stand in it more than once; what is told twice alike is counted once.",
        f"{place}: 2 of LatestCategoryOfAbuse no code; nothing is made of it.",
        f"{place}: 2 elements 'LatestGossip', unknown to the census up to 2024; left unread.",
    )
    assert census.facts("referral", "event_date") == [("2022-05-01",)]


@pytest.mark.parametrize(
    ("tag", "value", "read"),
    [("GenderCurrent", "1", "1"), ("Sex", "M", "1"), ("Sex", "2", "2"), ("Sex", "F", "2"), ("Sex", "U", "0")],
)
def test_sex_is_read_from_either_element_in_either_spelling(census, tag: str, value: str, read: str) -> None:
    text = child(sex=value).replace("Sex>", f"{tag}>")
    census.deliver({"census/a.xml": message(text, year="2024", reference="2024-03-31")}, on="2024-08-01")
    assert census.facts("person_described", "sex") == [(read,)]


def test_pre_proceedings_of_2026_are_read_and_marked_unverified(census) -> None:
    details = """<PreProceedings><PreProceedingsStartDate>2025-10-01</PreProceedingsStartDate>
        <PreProceedingsEndDate>2026-02-01</PreProceedingsEndDate></PreProceedings>"""
    text = message(child(details=details), year="2026", reference="2026-03-31")
    report = census.deliver({"census/a.xml": text}, on="2026-08-01")
    assert report.warnings == (
        "census/a.xml: the codes of 2026 are taken to be those of 2024; that is not verified.",
        "census/a.xml: elements of pre-proceedings, read by names that are not verified against DfE's schema.",
    )
    assert census.facts("pre_proceedings_started", "event_date") == [("2025-10-01",)]
    assert census.facts("pre_proceedings_ended", "event_date") == [("2026-02-01",)]


def test_two_returns_that_tell_the_same_make_one_fact_and_a_correction_is_known_from_its_return(census) -> None:
    open_case = child(referred="2021-10-01")
    closed = child(
        referred="2021-10-01",
        source="1B",
        details="<CINclosureDate>2022-09-01</CINclosureDate><ReasonForClosure>RC7</ReasonForClosure>",
    )
    census.deliver({"census/a.xml": message(open_case, year="2022", reference="2022-03-31")}, on="2022-07-31")
    census.deliver({"census/b.xml": message(closed)}, on="2023-07-31")
    assert census.facts("referral", "referral_source", "knowledge_date", "superseded_on") == [
        ("1A", "2022-03-31", "2023-03-31"),
        ("1B", "2023-03-31", None),
    ]
    assert census.facts("referral_closed", "knowledge_date") == [("2023-03-31",)]
    with open_staging(census.data) as staging:
        coverage = coverage_of(staging, census.sources)
    # The census of 2023 did not ask for pre-proceedings: of them it says nothing.
    assert {entry.kind for entry in coverage} == CIN_KINDS - {"pre_proceedings_started", "pre_proceedings_ended"}
    assert {entry.until for entry in coverage} == {date(2023, 3, 31)}


def test_a_row_without_what_the_schema_demands_is_quarantined(census) -> None:
    census.deliver({"census/a.xml": message(child(referred=""), child(child=""))}, on="2023-08-01")
    assert sorted(fault[1:3] for fault in census.quarantine()) == [
        ("CINreferralDate", "missing"),
        ("LAchildID", "missing"),
        ("LAchildID", "missing"),
    ]


def test_a_namespace_changes_nothing(census) -> None:
    text = message(child()).replace("<Message>", '<Message xmlns="urn:cin">')
    assert census.deliver({"census/a.xml": text}, on="2023-08-01").files[0].accepted == 2


BOMB = '<!DOCTYPE Message [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + message(child(child="&b;"))
EXTERNAL = '<!DOCTYPE Message [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + message(child(child="&a;"))
UNUSABLE = [
    ("", "census/0.xml:1: the XML is broken or ends here, or is empty"),
    (
        message(child())[:-30],
        "census/1.xml:5: the XML is broken or ends here, or is empty. Ask for the whole file again.",
    ),
    (BOMB, "census/2.xml: holds a document type or entities, which no census return has"),
    (EXTERNAL, "census/3.xml: holds a document type or entities, which no census return has"),
    ("<Message><Header/></Message>", "census/4.xml: no ReferenceDate in the header"),
    ("<html/>", "census/5.xml: not a CIN Census return"),
    (message(child()).replace("CIN</Coll", "SSDA903</Coll"), "census/6.xml: not a CIN Census return"),
    (message(), "census/7.xml: no Child in the return"),
    (message(child(), reference="2024-03-31"), "census/8.xml: refers to 2024-03-31, after 2023-08-01"),
    (message(child()).encode("utf-16")[:-2], "census/9.xml:5: the XML is broken"),
]


def test_returns_that_cannot_be_used_load_nothing_and_say_why(census) -> None:
    files = {f"census/{number}.xml": content for number, (content, _) in enumerate(UNUSABLE)}
    with pytest.raises(LoadError) as raised:
        census.deliver(files, on="2023-08-01")
    assert raised.value.report.files == ()
    for fault, (_, expected) in zip(raised.value.faults, UNUSABLE, strict=True):
        assert fault.startswith(expected)
    assert census.ask(Staging.deliveries) == []
