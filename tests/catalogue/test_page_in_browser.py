"""`docs/indicators.html` in a browser: axe finds nothing, nothing scrolls sideways, and the search finds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGE = (ROOT / "docs" / "indicators.html").as_uri()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"{CHROMIUM} is absent: `scripts/install-debian-packages` installs Debian's chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        # Chromium as root has no sandbox.
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def violations(page: Page) -> list[str]:
    """Return every fault that axe finds on a page, by all its rules but those still experimental."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": RULES, "resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [f"{fault['id']}: {node['html'][:160]}" for fault in found["violations"] for node in fault["nodes"]]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is absent: `npm ci` in frontend/ installs it")
@pytest.mark.parametrize(("width", "opened"), [(320, "true"), (1280, "false")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Browser, width: int, opened: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(PAGE)
    page.evaluate(f"document.querySelectorAll('details').forEach(each => {{ each.open = {opened}; }})")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page) == []
    page.close()


def test_the_search_leaves_the_indicators_that_have_every_word_and_says_how_many(browser: Browser) -> None:
    page = browser.new_page()
    page.goto(PAGE)
    whole = page.locator("article:visible").count()
    page.get_by_label("Find indicators").fill("persistent absence")
    left = page.locator("article:visible")
    assert 0 < left.count() < whole
    assert all("absence" in text.lower() and "persistent" in text.lower() for text in left.all_text_contents())
    assert page.get_by_role("status").inner_text().startswith(f"{left.count()} of {whole}")
    page.get_by_label("Find indicators").fill("nothing has these words")
    assert left.count() == 0
    page.get_by_label("Find indicators").fill("")
    assert left.count() == whole
    page.close()


def test_without_javascript_every_indicator_is_there_and_no_search_that_would_not_work(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE)
    assert page.locator("article:visible").count() == page.locator("article").count() > 100
    assert not page.get_by_label("Find indicators").is_visible()
    context.close()
