"""The district's pages: the map and the table say the same, sorted as asked, with no count of a few families."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from decision_sent import DECISION

from targeting.models.suspension import Suspension, suspend
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.decisions import NewDecision, record_decision
from targeting.serving.decisions import Decision
from targeting.serving.district.boundaries import drawn
from targeting.serving.district.centre_reach import FOLDER as CENTRE_REACH
from targeting.serving.district.family_wards import FOLDER, family_wards, held_families
from targeting.serving.district.ward_set import Boundaries, Cluster, Earlier, Ward, WardSet
from targeting.serving.ids import flag_id
from targeting.serving.pages.district_words import columns_of_need, titles_of
from targeting.serving.published import CONSIDERED
from targeting.serving.sentences import forbidden_words
from targeting.serving.served import BesideLists, Served
from targeting.serving.writing_lists import write_lists

HOSTILE = "<script>window.hurt = true</script>"
WARDS = WardSet(
    name="Wards",
    version="2004",
    source="Here",
    earlier=(Earlier(name="children_in_need", title="Children in need", source="The review, 2016"),),
    ward=(
        Ward(code="A", name="Ash", short="ASH", easting=0, northing=0, earlier={"children_in_need": 7}),
        Ward(code="B", name=HOSTILE, short="BIR", easting=9, northing=0, earlier={"children_in_need": 70}),
        Ward(code="C", name="Cedar", short="CED", easting=0, northing=9),
    ),
    cluster=(Cluster(name="north", title="Family hub north", wards=("A", "B")),),
)
# ward, families considered, of whom so many are flagged; each ward has an estimate of its own.
COVERED = {"A": 0.88, "B": 0.92, "C": 0.71, "": 0.5}
FAMILIES = {"A": (60, 10, 0.02), "B": (60, 12, 0.04), "C": (60, 3, 0.01), "": (10, 0, 0.01)}


@pytest.fixture
def published(a_list, tmp_path):
    """Return a list of 25 flags among 190 families, their wards written beside it."""
    made = a_list()
    told = [
        (f"f_{ward or 'x'}{number:03}", ward, number < flagged, estimate)
        for ward, (considered, flagged, estimate) in FAMILIES.items()
        for number in range(considered)
    ]
    ids = [family for family, *_ in told]
    rows = [ids, list(range(1, len(ids) + 1)), [-3.0] * len(ids), [estimate for *_, estimate in told]]
    flags = tuple(
        made.flags[0].model_copy(update={"family_id": family, "id": flag_id(made.head.id, family)})
        for family, _, is_flagged, _ in told
        if is_flagged
    )
    passports = tuple(made.passports[0].model_copy(update={"flag": flag}) for flag in flags)
    whole = replace(made, considered=pa.table(rows, schema=CONSIDERED), flags=flags, passports=passports)
    write_lists([whole], data=tmp_path)
    (tmp_path / FOLDER).mkdir()
    wards = [ward for _, ward, *_ in told]
    wards = pa.table({"family_id": ids, "ward": wards, "covered": [COVERED[ward] for ward in wards]})
    pq.write_table(wards, tmp_path / FOLDER / f"{whole.head.together[0]}.parquet")
    return whole


@pytest.fixture
def visitor(published, tmp_path, visit) -> Any:
    """Return somebody of business support, who may read no family's reasons, over that list."""
    return visit(
        Served(tmp_path, district="Bradford", signers=(), beside=BesideLists(ward_set=WARDS)), role="business_support"
    )


def rows_of(page: Any) -> str:
    return page.text[page.text.index("withheld, for it is") :]


def test_the_table_has_every_figure_of_every_ward(visitor, read):
    page = read(visitor.get("/district").text)
    # Estimated need of 1,000; considered; what records can tell, of 100; what was said earlier. Then flagged: Cedar's 3
    # are withheld, and Ash's, lest they be worked out.
    for said in (
        f"{HOSTILE} BIRFamily hub north 40 60 92.0 70",
        f"{HOSTILE} BIR 12 0 0 0 0 – –",
        "Ash ASHFamily hub north 20 60 88.0 7",
        "Ash ASH c 0 0 0 0 – –",
        "Cedar CED 10 60 71.0 –",
        "Cedar CED c 0 0 0 0 – –",
    ):
        assert said in page.text, (said, rows_of(page))
    assert "No known address, or outside these wards 10 10 50.0 " in page.text
    assert "The whole district 23 190 81.9 –" in page.text
    assert "The whole district 25 0 0" in page.text
    assert "How far children’s centres reach" not in page.text
    assert "<script" not in visitor.get("/district").text
    assert forbidden_words(page.text.replace(HOSTILE, "")) == ()


def test_while_flags_are_suspended_no_need_is_estimated_and_all_else_stays(
    published, visitor, tmp_path, read, monkeypatch
):
    monkeypatch.setattr("targeting.serving.reading.SECONDS_UNTIL_KNOWN", -1.0)
    before = read(visitor.get("/district").text).text
    assert "Estimated need: none while suspended" not in before
    suspend(tmp_path, published.head.provenance.model, Suspension(date(2026, 3, 30), "gov", "A floor was breached"))
    shown = visitor.get("/district?show=need").text
    page = read(shown).text
    for said in (
        "Suspended since 30 March 2026: A floor was breached. Nobody acts on these flags",
        "Estimated need: none while suspended",
        "While these flags are suspended, no need is estimated.",
        "Ash ASHFamily hub north – 60 88.0 7",
        "Ash ASH c 0 0 0 0 – –",
        "The whole district – 190 81.9 –",
    ):
        assert said in page, said
    assert "Families considered. The same figures are in the table below." in shown
    assert 'value="need"' not in shown


def test_of_a_list_that_was_published_without_them_there_are_no_figures_of_coverage(published, visitor, tmp_path, read):
    path = tmp_path / FOLDER / f"{published.head.together[0]}.parquet"
    pq.write_table(pq.read_table(path).drop_columns("covered"), path)
    assert "Cedar CED 10 60 – –" in read(visitor.get("/district").text).text


def test_the_map_shows_what_the_table_says(visitor, read):
    shown = visitor.get("/district?show=flagged").text
    figures = read(shown[shown.index("<svg") : shown.index("</svg>")]).text_of["text"]
    assert figures == ["ASH", "c", "BIR", "12", "CED", "c"]
    assert "withheld, or too few to tell" in shown
    assert "Families flagged. The same figures are in the table below." in shown


def test_within_boundaries_the_map_shows_the_same_figures_withheld_alike(published, visit, tmp_path, read):
    square = ((0.0, 50.0), (1.0, 50.0), (1.0, 51.0), (0.0, 51.0), (0.0, 50.0))
    # Cedar is a hundredth as wide: too narrow for its letters.
    places = {"A": (0, 1), "B": (1, 1), "C": (2, 0.01)}
    shapes = {code: (tuple((at + x * wide, y) for x, y in square),) for code, (at, wide) in places.items()}
    declared = WARDS.model_copy(update={"boundaries": Boundaries(file="w.json", code="code", source="A surveyor")})
    beside = BesideLists(ward_set=declared, boundaries=drawn(shapes))
    chair = visit(Served(tmp_path, district="Bradford", signers=(), beside=beside))
    page = chair.get("/district?show=flagged").text
    map_of = read(page[page.index("<svg") : page.index("</svg>")])
    assert map_of.text_of["title"] == ["Ash: c", f"{HOSTILE}: 12", "Cedar: c"]
    assert map_of.text_of["text"] == ["ASH", "c", "BIR", "12"]
    assert [each["fill"] for each in map_of.of("path") if "fill-rule" in each] == [
        "url(#withheld)",
        "#ffffff",
        "url(#withheld)",
    ]
    assert "Map of the wards within their boundaries: Families flagged. The same figures are in the table" in page
    assert "Boundaries: A surveyor." in read(page).text
    assert "<script" not in page
    assert "Boundaries" not in chair.get("/district/clusters/north").text


def test_the_district_is_the_same_whatever_panel_somebody_sits_on(published, visit, tmp_path, read):
    served = Served(tmp_path, district="Bradford", signers=(), beside=BesideLists(ward_set=WARDS))
    elsewhere = visit(served, panels={"district": "The district", "another": "Another"})
    assert "The whole district 25 0 0" in read(elsewhere.get("/district").text).text
    assert "none of them is published yet" in read(elsewhere.get("/lists").text).text


def test_how_far_centres_reach_is_told_by_cluster_and_by_its_wards_with_the_reviews_bands(
    published, visitor, tmp_path, read
):
    # Of 100 children of Ash 98 are registered, which tells of two who are not; of 200 of the hostile ward, 190.
    rows = [("A", 0, 2), ("A", 1, 28), ("A", 2, 40), ("A", 3, 30), ("B", 0, 10), ("B", 1, 110), ("B", 3, 80)]
    table = pa.table([list(each) for each in zip(*rows, strict=True)], names=["ward", "stage", "children"])
    (tmp_path / CENTRE_REACH).mkdir()
    pq.write_table(table, tmp_path / CENTRE_REACH / f"{published.head.together[0]}.parquet")
    page = read(visitor.get("/district").text)
    reached = "300 96.0% green 50.0% amber 36.7% red"
    assert f"Family hub north {reached} The whole district {reached}" in page.text
    assert "Registered: red: below 60%; amber: 60 to 79.9%; green: 80 to 96.9%; dark green: 97% or more" in page.text
    wards = read(visitor.get("/district/clusters/north").text).text
    # The two are not told, nor what would give them away beside the cluster's own figures; how many came once does not.
    assert "Ash 100 c 70.0% green 30.0% red" in wards
    assert f"{HOSTILE} 200 c 40.0% amber 40.0% amber" in wards
    # The bands' own words are said of centres, and nowhere else on the page.
    before, _, after = wards.replace(HOSTILE, "").partition("How far children’s centres reach")
    of_centres, _, rest = after.partition("How these figures were made")
    assert (forbidden_words(before), forbidden_words(rest)) == ((), ())
    assert set(forbidden_words(of_centres)) == {"red", "amber", "green"}


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ["BIR", "ASH", "CED"]),
        ("?sort=need&order=up", ["CED", "ASH", "BIR"]),
        ("?sort=name", [HOSTILE[:3], "Ash", "Cedar"]),
        ("?sort=flagged", ["BIR", "ASH", "CED"]),
        ("?sort=children_in_need&order=up", ["ASH", "BIR", "CED"]),
        ("?sort=nothing&show=nothing&order=nothing", ["BIR", "ASH", "CED"]),
    ],
)
def test_the_table_is_sorted_as_asked(visitor, read, query, order):
    told = rows_of(read(visitor.get(f"/district{query}").text))
    places = [told.index(f" {each}" if each.isupper() else each) for each in order]
    assert places == sorted(places)


def test_a_heading_says_how_it_is_sorted_and_leads_to_the_other_way(visitor, read):
    heads = {
        each["aria-sort"] for each in read(visitor.get("/district?sort=name").text).of("th") if "aria-sort" in each
    }
    assert heads == {"ascending", "none"}
    hrefs = [str(each["href"]) for each in read(visitor.get("/district?sort=name").text).of("a")]
    assert {"/district?show=need&sort=name&order=down#wards", "/district?show=need&sort=days&order=down#decided"} <= {
        *hrefs
    }
    for href in hrefs:
        if href.startswith("/district"):
            assert visitor.get(href).status_code == 200


def test_a_cluster_has_its_wards_alone_and_their_sum(visitor, read):
    page = read(visitor.get("/district/clusters/north").text)
    assert page.text_of["h1"] == ["Family hub north"]
    assert "Cedar" not in page.text
    assert "The whole cluster 30 120 90.0 –" in page.text
    assert visitor.get("/district/clusters/south").status_code == 404


def test_decisions_are_counted_by_ward_with_the_days_until_them(visitor, published, read, tmp_path, doors_of):
    assert f"{HOSTILE} BIR 12 0 0 0 0 – –" in read(visitor.get("/district").text).text
    # The store as another worker has it open: what it records is on the next page.
    database = doors_of(tmp_path).control.database
    contact = {"first_contact": {"contacted_on": "2026-04-04", "by": "midwife"}, "decision": "offer_help"}
    safe = {"safe_contact": {"who": "the mother", "how": "by telephone", "when_not": ""}}
    for number, flag in enumerate([each for each in published.flags if each.family_id.startswith("f_B")]):
        told = DECISION | (contact | safe if number < 6 else {})
        new = NewDecision(
            flag_id=flag.id,
            list_id=flag.list_id,
            family_id=flag.family_id,
            subject="ada",
            role="chair",
            instead_of=0,
            content=Decision.model_validate_json(json.dumps(told)),
        )
        event = AuditEvent(subject="ada", role="chair", client="test", action="write_decision")
        database.write(lambda writing, new=new: record_decision(writing, new), audit=event)
    page = read(visitor.get("/district").text).text
    # Decided at the clock's time, which is the list's own day; contacted five days after it; nobody waits.
    assert f"{HOSTILE} BIR 12 12 6 0 0 0 5" in page
    assert "Days to first contact: from a list’s date to the day on which somebody first spoke with the family" in page


def test_without_wards_beside_the_lists_or_in_the_project_the_page_says_so(a_list, tmp_path, visit, read):
    write_lists([a_list()], data=tmp_path)
    with_set = visit(Served(tmp_path, district="Bradford", signers=(), beside=BesideLists(ward_set=WARDS)))
    assert "These lists were published without their wards." in read(with_set.get("/district").text).text
    without = visit(Served(tmp_path, district="Bradford", signers=()))
    assert "No wards are declared" in read(without.get("/district").text).text


def test_publication_writes_the_ward_of_every_family_held(district):
    offer = district.library.current()[0]
    held = family_wards(district.data, offer)
    # By hand, from the small district's table; f_open is the social worker's, f_sent the front door's.
    assert held == {
        "f_abuse": "A", "f_absent": "A", "f_both": "B", "f_centre": "B", "f_helped": "A", "f_never": "B",
        "f_open": "A", "f_sent": "A", "f_unlinked": "B", "f_visitor": "",
    }  # fmt: skip
    assert {path.stat().st_mode & 0o077 for path in (district.data / FOLDER).iterdir()} == {0}
    beside = held_families(district.data, offer).drop_null()
    covered = dict(zip(beside["family_id"].to_pylist(), beside["covered"].to_pylist(), strict=True))
    assert set(offer.considered["family_id"].to_pylist()) <= set(covered) <= set(held)
    for passport in offer.passports:
        told = [
            each.value is not None or each.unknown in {"not_collected", "not_applicable"}
            for each in passport.indicators
        ]
        assert covered[passport.flag.family_id] == pytest.approx(sum(told) / len(told))
    assert len(set(covered.values())) > 1
    assert offer.head.as_of_date == date(2026, 3, 30)


def test_figures_are_called_by_the_districts_own_word_and_those_of_another_source_by_when_it_told():
    titles = titles_of("households", is_suspended=False)
    assert (titles["need"], titles["flagged"]) == ("Estimated need, of 1,000 households", "Households flagged")
    told = WARDS.model_copy(update={"earlier": (Earlier(name="n", title="In need", source="s", when="2016"),)})
    columns = columns_of_need(titles, told, by="name", rising=True, to="/district")
    assert [each.title for each in columns] == [
        "Ward",
        "Estimated need, of 1,000 households",
        "Households considered",
        "What records can tell, of 100",
        "In need, 2016",
    ]
