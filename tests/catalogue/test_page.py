"""`docs/indicators.html` is what the declarations, the examples and the figures make, and it can be read."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from targeting.features import Indicator
from targeting.project.catalogue_page import page_of
from targeting.serving.sentences import forbidden_words


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return page_of(root)


def test_the_page_is_current(page: str, root: Path) -> None:
    written = (root / "docs" / "indicators.html").read_text(encoding="utf-8")
    assert written == page, "python -m targeting.project.catalogue_page > docs/indicators.html"


def test_the_figures_are_of_every_indicator_that_is_declared(root: Path, indicators: dict[str, Indicator]) -> None:
    figures = json.loads((root / "docs" / "evidence" / "indicators.json").read_text(encoding="utf-8"))
    computed = {name for name, each in indicators.items() if each.use != "refused"}
    assert set(figures["indicators"]) == computed, "make evidence-indicators"
    assert figures["asking"]["rows_raised"] == 0


def test_every_indicator_stands_on_the_page_once_with_a_heading_and_an_example(
    page: str, indicators: dict[str, Indicator]
) -> None:
    for name in indicators:
        assert page.count(f'<article id="{name}"') == 1
    articles = re.split(r"<article ", page)[1:]
    assert all("<h3 id=" in each for each in articles)
    computed = [each for each in articles if "Refused because" not in each]
    assert all("Worked example" in each and "Value: <strong>" in each for each in computed)


def test_without_javascript_nothing_is_hidden_but_the_search(page: str) -> None:
    assert re.findall(r"<(\w+)[^>]* hidden>", page.partition("<script>")[0]) == ["div"]
    assert '<div id="search" role="search" hidden>' in page


def test_the_page_asks_for_nothing_from_elsewhere_and_says_no_forbidden_word(page: str) -> None:
    assert re.findall(r'(?:src|href)="(?!#)', page) == []
    seen = re.sub(
        r"<[^>]+>|<style>.*?</style>", " ", page.partition("<main")[2].partition("<script>")[0], flags=re.DOTALL
    )
    assert forbidden_words(re.sub(r"features/\S+", "", seen)) == ()


def test_every_heading_and_id_is_used_once_and_levels_are_not_skipped(page: str) -> None:
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
