import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from targeting.fairness.audit import audit
from targeting.fairness.charts import attribute_chart, gating_chart
from targeting.fairness.page import audit_to_html
from targeting.fairness.results import Shown, Signed
from targeting.fairness.signatures import TO_SIGN, with_signatures

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
SIGNED = (Signed(role="Service lead", name="Ada <b>", accepts_until="2027-01-31"),)
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


@pytest.fixture(scope="module")
def written():
    return {}


@pytest.fixture
def html(policy, rows, written):
    if "html" not in written:
        written["html"] = audit_to_html(audit(rows(ROWS), policy(POLICY), title="Escalation"))
    return written["html"]


@pytest.fixture
def page(html):
    return Elements(html)


def test_the_page_is_whole_in_itself_and_well_formed(html, page):
    assert page.open == []
    assert page.named("html") == [{"lang": "en"}]
    assert not page.named("script") + page.named("link") + page.named("img")
    assert "http" not in re.sub('xmlns(:xlink)?="http', "", html)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")


def test_the_verdict_comes_before_any_table(html):
    assert html.index('<p class="word">') < html.index("Gating comparisons</h2>") < html.index("<table>")


def test_every_table_has_a_caption_and_every_heading_a_scope(html, page):
    assert len(page.named("table")) == len(page.named("caption")) == 6
    assert all(heading.get("scope") in ("col", "row", "colgroup") for heading in page.named("th"))
    regions = [attributes for attributes in page.named("div") if attributes.get("role") == "region"]
    # Six tables and two charts; no gap may be shown in a third.
    assert len(regions) == 8
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)


def test_headings_go_down_a_level_at_a_time_and_there_is_one_title(page):
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_nothing_is_said_by_colour_or_by_drawing_alone(html, page):
    colours = set(re.findall(r"#[0-9a-f]{3,6}\b", html))
    greys = {"#fff", "#0b0c0c", "#6f777b", "#b1b4b6", "#383f43"}
    assert colours <= greys
    assert [svg["role"] for svg in page.named("svg")] == ["img"] * 2
    assert len(page.named("title")) == 1 + 2
    # Each stands in a figure whose caption says what it shows, before the table of its numbers.
    assert len(page.named("figcaption")) == 2
    assert all(html.index("<table>", at.end()) for at in re.finditer("</figcaption>", html))


def test_a_chart_draws_what_is_shown_and_nothing_that_is_withheld(policy, rows):
    found = audit(rows(ROWS), policy(POLICY), title="")
    drawn = attribute_chart(found.attributes[0], "score>=0.5")
    names = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    # The group of three is withheld, and with it the one from which it could be told; the others have two marks each.
    assert [names.count(group) for group in ("a&lt;b&gt;", "b", "c", "All")] == [2, 0, 0, 2]
    withheld = replace(found.gating[0], judged=Shown(value="c"))
    assert gating_chart(replace(found, gating=(withheld,))) == ""
    told = replace(found.gating[0], judged=Shown(value=0.05, lower=-0.02, upper=0.3))
    assert "b: recall" in gating_chart(replace(found, gating=(told,)))


def test_a_drawing_fetches_nothing_and_styles_nothing(policy, rows):
    # A style within would be stopped by the pages' content security policy.
    drawn = attribute_chart(audit(rows(ROWS), policy(POLICY), title="").attributes[0], "top:10%")
    assert len(drawn) > 1_000
    assert not re.findall(r'(style|href|class)="', drawn)
    assert drawn == attribute_chart(audit(rows(ROWS), policy(POLICY), title="").attributes[0], "top:10%")


def test_who_has_not_signed_is_said_and_who_has_is_named(html, policy, rows):
    assert "<strong>Not yet signed</strong>" in html
    assert html.count("<td>not yet signed</td>") == 2 * len(TO_SIGN)
    found = audit(rows(ROWS), policy(POLICY), title="Escalation")
    signed = audit_to_html(found, SIGNED)
    assert '<th scope="row">Service lead</th><td>Ada &lt;b&gt;</td><td>2027-01-31</td>' in signed
    assert '<th scope="row">Data protection officer</th><td>not yet signed</td>' in signed
    assert "<strong>Not yet signed</strong>" not in signed
    # The page of evidence cannot hold a signature: shown, it is the same page but for that part.
    assert with_signatures(html, SIGNED) == signed
    assert with_signatures(signed, ()) == html
    assert with_signatures("<p>a page without that part</p>", SIGNED) == "<p>a page without that part</p>"


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
