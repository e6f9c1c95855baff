"""What holds of every page: its words, its links, no script, no style of its own, nothing from elsewhere."""

import re
from typing import Any

import pytest
from jinja2 import nodes

from targeting.serving.pages.rendering import TEMPLATES, environment
from targeting.serving.sentences import forbidden_words

OWN_TEMPLATES = sorted(path.name for path in TEMPLATES.iterdir())
DOCUMENTS = ("/audit", "/model", "/card")


@pytest.fixture(scope="module")
def walked(visitor: Any, read: Any) -> dict[str, Any]:
    """Return every page that links lead to from the first, read."""
    pages, waiting = {}, ["/"]
    while waiting:
        path = waiting.pop()
        answer = visitor.get(path)
        while answer.status_code == 307:
            answer = visitor.get(answer.headers["location"])
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            pages[path] = read(answer.text)
            targets = [str(each["href"]) for tag in ("a", "link") for each in pages[path].of(tag)]
            waiting += {target.split("#")[0] for target in targets} - pages.keys() - {"", *waiting}
    return pages


def test_every_link_leads_somewhere(walked: dict[str, Any]) -> None:
    assert {"/", "/lists", "/indicators", "/model", "/audit", "/problems"} <= walked.keys()
    assert sum(path.startswith("/flags/") for path in walked) >= 3
    for path, page in walked.items():
        for href in (str(each["href"]) for each in page.of("a")):
            target, _, anchor = href.partition("#")
            assert not anchor or anchor in walked[target or path].ids, (path, href)


def test_no_page_says_what_no_screen_may_carry(walked: dict[str, Any]) -> None:
    assert {path: forbidden_words(page.text) for path, page in walked.items() if forbidden_words(page.text)} == {}


@pytest.mark.parametrize("name", OWN_TEMPLATES)
def test_no_template_says_what_no_screen_may_carry(name: str) -> None:
    assert forbidden_words((TEMPLATES / name).read_text(encoding="utf-8")) == ()


@pytest.mark.parametrize("name", OWN_TEMPLATES)
def test_no_template_computes(name: str) -> None:
    tree = environment().parse((TEMPLATES / name).read_text(encoding="utf-8"))
    arithmetic = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
    assert [type(each).__name__ for each in tree.find_all(arithmetic)] == []
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert re.findall(r"margin\b(?!-)|probability", re.sub(r"govuk-!-margin[\w-]*", "", text)) == []


def test_pages_have_no_script_no_style_of_their_own_and_nothing_from_elsewhere(walked: dict[str, Any]) -> None:
    for path, page in walked.items():
        assert page.of("script") == [], path
        assert bool(page.of("style")) == path.endswith(DOCUMENTS), path
        for tag, attributes in page.found:
            assert "style" not in attributes, (path, tag)
            assert not any(name.startswith("on") for name in attributes), (path, tag)
            assert not re.match(r"\w+:|//", str(attributes.get("src") or attributes.get("href") or "")), (path, tag)


def test_no_address_names_more_than_a_pseudonym(walked: dict[str, Any]) -> None:
    addresses = (
        "/|/(lists|indicators|model|audit|problems|meetings|tasks)|/lists/l_[a-z2-7]{26}(/export)?|/problems/[a-z-]+"
        "|/flags/g_[a-z2-7]{26}(/decision|/former|/first-contact)?|/meetings/m_[a-z2-7]{26}"
    )
    addresses += r"|/district(\?.*)?|/models(/[a-z_]+/[0-9a-f]{12}(/card|/audit)?)?"
    assert [path for path in walked if not re.fullmatch(addresses, path)] == []


def is_of_version(path: str) -> bool:
    """Return whether a path leads to a document of one version, which may be that of the model in use."""
    return path.startswith("/models/") and path.endswith(DOCUMENTS)


def test_each_page_has_one_heading_a_title_and_a_language(walked: dict[str, Any]) -> None:
    titles = [
        "".join(page.text_of["title"]) for path, page in walked.items() if path != "/" and not is_of_version(path)
    ]
    assert len(titles) == len(set(titles))
    for page in walked.values():
        assert len(page.of("h1")) == 1
        assert page.of("html")[0]["lang"] in ("en", "en-GB")
