import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from targeting.fairness.audit import audit
from targeting.fairness.page import audit_to_html

POLICY = """
unit = "child"
cuts = ["top:10%", "score>=0.5"]
[[attribute]]
name = "ethnicity"
class = "refused"
column = "ethnicity"
reference = "a<b>"
reference_reason = "The largest."
[[attribute]]
name = "known_before"
column = "known_before"
[[gating]]
attribute = "ethnicity"
group = "b"
measure = "tpr_difference"
cut = "top:10%"
limit = 0.1
reason = "Named beforehand."
"""
ROWS = """
ethnicity | known_before | score | label | times
a<b>      | never known  | 0.9   | 1     | 30
a<b>      | known before | 0.4   | 0     | 60
b         | known before | 0.8   | 1     | 25
b         | known before | 0.3   | 0     | 50
c         | never known  | 0.2   | 0     | 3
"""
NEVER_ON_A_SCREEN = (
    "risk score|toxic trio|high-risk|hard to reach|did not engage|offender|dysfunctional|troubled|caused|predict|"
    "four-fifths"
)


class Elements(HTMLParser):
    """The elements of a page, in order, with their attributes, and what its tables hold."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "path", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def html(policy, rows):
    return audit_to_html(audit(rows(ROWS), policy(POLICY), title="Escalation"))


@pytest.fixture
def page(html):
    return Elements(html)


def test_the_page_is_whole_in_itself_and_well_formed(html, page):
    assert page.open == []
    assert page.named("html") == [{"lang": "en"}]
    assert not page.named("script") + page.named("link") + page.named("img")
    assert "http" not in html.replace('xmlns="http', "")
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")


def test_the_verdict_comes_before_any_table(html):
    assert html.index('<p class="word">') < html.index("Gating comparisons</h2>") < html.index("<table>")


def test_every_table_has_a_caption_and_every_heading_a_scope(html, page):
    assert len(page.named("table")) == len(page.named("caption")) == 4
    assert all(heading.get("scope") in ("col", "row", "colgroup") for heading in page.named("th"))
    regions = [attributes for attributes in page.named("div") if attributes.get("role") == "region"]
    assert len(regions) == 4
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)


def test_headings_go_down_a_level_at_a_time_and_there_is_one_title(page):
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_nothing_is_said_by_colour_or_by_drawing_alone(html, page):
    colours = set(re.findall(r"#[0-9a-f]{3,6}\b", html))
    greys = {"#fff", "#0b0c0c", "#6f777b", "#b1b4b6", "#383f43"}
    assert colours <= greys
    assert all(svg["aria-hidden"] == "true" for svg in page.named("svg"))
    assert len(page.named("svg")) > 0


def test_values_from_outside_are_escaped(html):
    assert "a&lt;b&gt;" in html
    assert "a<b>" not in html


def test_the_words_are_those_that_may_stand_on_a_screen(page):
    assert not re.search(NEVER_ON_A_SCREEN, " ".join(page.text), re.IGNORECASE)


def test_a_small_group_is_c_and_its_number_is_nowhere(html):
    row = re.search(r'<th scope="row">c</th>(.*?)</tr>', html, re.DOTALL)[1]
    assert set(re.findall(r"<td>(.*?)</td>", row)) == {"c"}


def test_synthetic_data_are_said_to_be(policy, rows, html):
    notice = "Made from synthetic records. It says nothing about any real child, family or place."
    made = replace(rows(ROWS), synthetic=True)
    assert notice in audit_to_html(audit(made, policy(POLICY), title=""))
    assert notice not in html
