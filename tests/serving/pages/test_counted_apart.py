"""Who is on no list because nobody records anything of them: on a list exactly, elsewhere never a few."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from targeting.serving.contents import ApartPart, CountedApart
from targeting.serving.district.ward_set import Cluster, Ward, WardSet
from targeting.serving.published import PublishedList
from targeting.serving.served import BesideLists, Served
from targeting.serving.suspended import ShownList
from targeting.serving.terminal import list_as_json, show_list
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]
WHY = "Nobody has recorded anything of them for two years."
DUTY = "The council has a duty to find them."
HOSTILE = "<script>window.hurt = true</script>"
WITHHELD = "c: withheld, for it is of one to five families, or would give such a count away."
WARDS = WardSet(
    name="Wards",
    version="1",
    source="Here",
    ward=(Ward(code="A", name="Ash", short="ASH", easting=0, northing=0),),
    cluster=(Cluster(name="north", title="North", wards=("A",)),),
)


def counting(published: PublishedList, families: int, part: int, why: str = WHY, **head: str) -> PublishedList:
    told = ApartPart(cohort="pupils", who="with a child of school age", why=DUTY, families=part)
    apart = CountedApart(cohort="silent", why=why, families=families, part=told)
    return replace(published, head=published.head.model_copy(update={"counted_apart": (apart,), **head}))


def said(families: str, part: str) -> list[str]:
    return [f"{families} not considered. {WHY}", f"{part} with a child of school age. {DUTY}"]


COUNTS = [
    (3053, 2591, said("3,053 families on record were", "2,591 of them are families")),
    (2, 1, said("2 families on record were", "1 of them is a family")),
    (1, 0, said("1 family on record was", "")[:1]),
    (0, 0, []),
]


@pytest.mark.parametrize("counts", COUNTS)
def test_a_list_says_who_is_not_on_it_because_nobody_records_them(
    a_list: Make, browse: Any, read: Any, counts: tuple[int, int, list[str]]
) -> None:
    families, part, expected = counts
    published = counting(a_list(), families, part)
    text = read(browse(published).get(f"/lists/{published.head.id}").text).text
    after = text[text.index("Who is not on this list") : text.rindex("How this list was made")]
    assert [each in after for each in expected] == [True] * len(expected)
    assert ("on record" in after, "school age" in after) == (families > 0, part > 0)


@pytest.mark.parametrize(("families", "part", "expected"), COUNTS)
def test_the_terminal_says_it_in_one_line(a_list: Make, families: int, part: int, expected: list[str]) -> None:
    shown = ShownList(counting(a_list(), families, part), suspended=None)
    console = Console(width=400, color_system=None)
    with console.capture() as captured:
        console.print(show_list(shown))
    lines = [line.strip() for line in captured.get().splitlines()]
    assert [line for line in lines if "on record" in line] == ([" ".join(expected)] if expected else [])
    (told,) = list_as_json(shown)["list"]["counted_apart"]
    assert (told["families"], told["part"]["families"]) == (families, part)


def test_a_district_speaks_of_households_where_it_calls_them_so(a_list: Make, browse: Any, read: Any) -> None:
    published = counting(a_list(), 40, 1, one="household", many="households")
    text = read(browse(published).get(f"/lists/{published.head.id}").text).text
    assert "40 households on record were not considered." in text
    assert "1 of them is a household with a child of school age." in text


@pytest.fixture
def shown_to_governance(visit: Any, tmp_path: Path, read: Any) -> Callable[..., Any]:
    """Return what publishes a list, and reads a page over it as governance staff do."""

    def shown(published: PublishedList, path: str) -> Any:
        write_lists([published], data=tmp_path)
        served = Served(tmp_path, district="Bradford", signers=(), beside=BesideLists(ward_set=WARDS))
        answer = visit(served, role="governance").get(path)
        assert answer.status_code == 200
        return read(answer.text)

    return shown


@pytest.mark.parametrize("path", ["/models", "/district"])
@pytest.mark.parametrize(
    "counts",
    [
        (3053, 2591, said("3,053 families on record were", "2,591 of them are families")),
        (40, 3, said("40 families on record were", "c of them are families")),
        (2, 1, said("c families on record were", "c of them are families")),
        (0, 0, []),
    ],
)
def test_governance_and_the_district_read_it_too_but_no_count_of_a_few(
    a_list: Make, shown_to_governance: Callable[..., Any], path: str, counts: tuple[int, int, list[str]]
) -> None:
    families, part, expected = counts
    text = shown_to_governance(counting(a_list(), families, part), path).text
    assert [each in text for each in expected] == [True] * len(expected)
    assert ("on record" in text) == bool(expected)
    if path == "/models":
        assert (WITHHELD in text) == any(each.startswith("c ") for each in expected)
        assert ("Who was not considered The lists of 30 March 2026" in text) == bool(expected)


def test_before_anything_is_published_governance_reads_nothing_of_it(visit: Any, tmp_path: Path, read: Any) -> None:
    answer = visit(Served(tmp_path, district="Bradford", signers=()), role="governance").get("/models")
    assert answer.status_code == 200
    assert "Who was not considered" not in read(answer.text).text


def test_a_page_of_one_cluster_says_nothing_of_the_whole_districts(
    a_list: Make, shown_to_governance: Callable[..., Any]
) -> None:
    assert "on record" not in shown_to_governance(counting(a_list(), 40, 20), "/district/clusters/north").text


@pytest.mark.parametrize("path", ["", "/models", "/district"])
def test_hostile_reasons_do_nothing(a_list: Make, shown_to_governance: Callable[..., Any], path: str) -> None:
    published = counting(a_list(), 40, 20, why=HOSTILE)
    page = shown_to_governance(published, path or f"/lists/{published.head.id}")
    assert not page.of("script")
    assert HOSTILE in page.text
