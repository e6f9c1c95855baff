"""All lists, the catalogue, what was signed with the model, problems, and what cannot be shown."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from targeting.fairness.signatures import with_signatures
from targeting.serving.api.problem_types import PROBLEM_TYPES
from targeting.serving.pages.routes import error_page
from targeting.serving.pages.today import stands_still, today_in
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading
from targeting.serving.served import Served
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]


def test_where_no_list_is_published_every_page_says_so_and_what_to_do(browse: Any, read: Any) -> None:
    visitor = browse()
    for path in ("/", "/lists", "/indicators", "/model", "/audit"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        text = read(answer.text).text
        assert "No list has been published yet, so there is nothing to show." in text
        assert "targeting score --as-of DATE" in text
        assert "A child at risk of harm now goes to the safeguarding route today." in text


@pytest.mark.parametrize(
    ("role", "refused", "way", "called"),
    [
        ("data_scientist", "/lists/l_aaaaaaaaaaaaaaaaaaaaaaaaaa", "/indicators", "Go to: What it looks at"),
        ("administrator", "/tasks", "/indicators", "Go to: What it looks at"),
        ("chair", "/audit-log", "/", "Go to this week’s list"),
    ],
)
def test_who_is_refused_a_page_is_led_to_one_that_the_own_role_reads(
    district: Served, visit: Any, *, role: str, refused: str, way: str, called: str
) -> None:
    visitor = visit(district, role=role)
    answered = visitor.get(refused)
    assert answered.status_code == 403
    assert re.findall(r'href="([^"]+)">(Go to[^<]+)</a>', answered.text) == [(way, called)]
    assert visitor.get(way).status_code in {200, 307}


def test_all_lists_stand_under_their_dates_the_latest_first(a_list: Make, browse: Any, read: Any) -> None:
    lists = [a_list(as_of=date(2026, 3, day)) for day in (16, 30, 23)]
    page = read(browse(*lists).get("/lists").text)
    assert [each.strip() for each in page.text_of["h2"]] == ["30 March 2026", "23 March 2026", "16 March 2026"]
    linked = [each["href"] for each in page.of("a") if str(each["href"]).startswith("/lists/")]
    assert linked == [f"/lists/{lists[place].head.id}" for place in (1, 2, 0)]
    assert "Early help panel. 2 families, shadow list." in page.text


def test_the_catalogue_says_what_is_looked_at_by_concern(visitor: Any, read: Any) -> None:
    page = read(visitor.get("/indicators").text)
    assert [each.strip() for each in page.text_of["h2"]] == [
        "Concerns",
        "Domestic abuse",
        "School attendance",
        "Early years",
    ]
    assert "Incidents in the last 12 months. More of it can only raise the estimate. Recorded by police." in page.text
    assert "Visits to a children's centre. More of it can only lower the estimate. Recorded by centres." in page.text


@pytest.mark.parametrize(("path", "name"), [("/audit", "audit.html"), ("/model", "card.html")])
def test_a_signed_document_is_shown_as_it_is_under_a_way_back(
    district: Any, visitor: Any, path: str, name: str
) -> None:
    answer = visitor.get(path)
    bundle = district.current_bundle()
    signed = with_signatures(bundle.evidence[name].decode(), district.signed(bundle))
    bar = re.search(r'<div class="targeting-bar">.*?</div>', answer.text, re.DOTALL)
    assert bar is not None
    assert re.findall(r'href="([^"]+)"', bar.group()) == [
        "/",
        "/meetings",
        "/tasks",
        "/lists",
        "/indicators",
        "/model",
        "/audit",
        "/models",
        "/district",
    ]
    without = answer.text.replace(f"\n{bar.group()}", "")
    without = re.sub(r"<link [^>]+>\n", "", without)
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"])
    assert nonce is not None
    assert without.replace(f'<style nonce="{nonce.group(1)}">', "<style>") == signed


def test_the_audit_names_those_who_signed(district: Any, visitor: Any) -> None:
    signers = [each.name for each in district.signed(district.current_bundle())]
    assert len(signers) == 2
    assert all(name in visitor.get("/audit").text for name in signers)


def test_a_problem_has_the_page_that_its_address_names(visitor: Any, read: Any) -> None:
    listed = [each["href"] for each in read(visitor.get("/problems").text).of("a")]
    for problem in PROBLEM_TYPES.values():
        text = read(visitor.get(f"/problems/{problem.slug}").text).text
        assert f"Status {problem.status}, {problem.slug} {problem.title} {problem.explanation}" in text
        assert f"/problems/{problem.slug}" in listed


@pytest.mark.parametrize(
    "path",
    ["/lists/l_x", "/lists/..%2f..", "/flags/g_x", "/problems/x", "/print/x.css", "/print/2026-02-30.css", "/x"],
)
def test_what_is_not_here_is_said_in_words_without_what_was_asked(visitor: Any, read: Any, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "This page is not here" in read(answer.text).text
    assert path not in answer.text


def test_a_damaged_list_shows_nothing_and_says_so(a_list: Make, browse: Any, read: Any, tmp_path: Any) -> None:
    published = a_list()
    visitor = browse(published)
    (tmp_path / "published" / published.head.id / "flags.json").write_text("[]")
    for path in ("/", "/lists", f"/lists/{published.head.id}", f"/flags/{published.flags[0].id}"):
        answer = visitor.get(path)
        assert answer.status_code == 503
        assert "What was published cannot be shown as it is." in read(answer.text).text
        assert str(tmp_path) not in answer.text


def test_a_list_is_read_also_when_its_model_is_gone_and_the_models_pages_say_so(a_list: Make, browse: Any) -> None:
    published = a_list()
    visitor = browse(published)
    assert visitor.get(f"/lists/{published.head.id}").status_code == 200
    assert [visitor.get(path).status_code for path in ("/indicators", "/model", "/audit")] == [503, 503, 503]


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (404, "This page is not here"),
        (405, "This page is only for reading"),
        (421, "Asked by another name"),
        (500, "Something went wrong here"),
        (503, "This cannot be shown now"),
        (418, "Something went wrong here"),
    ],
)
def test_an_error_has_a_page_that_reads_no_list(district: Any, read: Any, status: int, title: str) -> None:
    answer = error_page(district, status=status)
    assert answer.status_code == status
    assert read(bytes(answer.body).decode()).text_of["h1"] == [title]


def test_printed_sheets_say_of_which_date_they_are_and_that_they_are_synthetic(
    a_list: Make, browse: Any, read: Any
) -> None:
    published = a_list()
    visitor = browse(published, district='A "quoted" }</style> place')
    linked = [each["href"] for each in read(visitor.get(f"/lists/{published.head.id}").text).of("link")]
    assert "/print/2026-03-30-synthetic.css" in linked
    style = visitor.get("/print/2026-03-30-synthetic.css")
    assert style.headers["content-type"].startswith("text/css")
    for said in ("30 March 2026", "Synthetic data"):
        assert said.replace(" ", "\\20 ") in style.text
    assert "Synthetic" not in visitor.get("/print/2026-03-30.css").text
    assert "</style>" not in style.text
    assert style.text.count('"') == 10


def test_everybody_is_led_only_to_what_their_role_reads(district: Any, visit: Any, read: Any) -> None:
    about_the_model = ["/indicators", "/model", "/audit", "/models", "/district"]
    panels = ["/", "/meetings", "/tasks", "/lists"]
    for role, leads_to in {
        "chair": [*panels, *about_the_model],
        "business_support": [*panels, "/indicators", "/model", "/district"],
        "manager": about_the_model,
    }.items():
        somebody = visit(district, role=role)
        page = somebody.get("/district").text
        bar = page[page.index("govuk-service-navigation") : page.index("<main")]
        assert [each["href"] for each in read(bar).of("a") if each["href"] in [*panels, *about_the_model]] == leads_to
    manager = visit(district, role="manager")
    assert {manager.get(path).status_code for path in about_the_model} == {200}
    assert manager.get("/").headers["location"] == "/district"
    offer = district.library.current()[0]
    for path in (f"/lists/{offer.head.id}", f"/flags/{offer.flags[0].id}", "/meetings", "/tasks"):
        assert manager.get(path).status_code == 403, path


def years_later() -> datetime:
    """Return a moment at which it is past midnight in London alone."""
    return datetime(2029, 5, 1, 23, 30, tzinfo=UTC)


def test_an_invented_districts_time_stands_still(district: Any, visit: Any, read: Any, tmp_path: Path) -> None:
    # A copy: beginning a session years later ends those of other tests.
    copied = Path(shutil.copytree(district.data, tmp_path / "invented"))
    invented = Served(copied, district="Bradford", signers=district._signers)
    text = read(visit(invented, role="governance", clock=years_later).get("/models").text).text
    assert "Every family is invented, and it is always 30 March 2026 here." in text
    assert "should not be" not in text
    assert "Overdue" not in text


def test_a_real_districts_time_is_that_of_london(a_list: Make, doors_of: Any, tmp_path: Path) -> None:
    published = a_list()
    real = replace(published, head=published.head.model_copy(update={"synthetic": False}))
    write_lists([real], data=tmp_path)
    doors = doors_of(tmp_path, clock=years_later)
    reading = Reading(Served(tmp_path, district="Bradford", signers=()), doors.control)
    reader = doors.control.tokens.check(doors.token("integration_client")).reader
    assert (today_in(reading, reader), stands_still(reading, reader)) == (date(2029, 5, 2), "")
