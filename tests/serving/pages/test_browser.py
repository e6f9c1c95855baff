"""A stranger with a browser: reads, walks, prints; at 320 and 1280 pixels, with and without JavaScript, by keyboard."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

from targeting.serving.access.definition import Access
from targeting.serving.api.guard import COOKIE
from targeting.serving.district.boundaries import drawn
from targeting.serving.district.ward_set import Cluster, Ward, WardSet
from targeting.serving.pages.meeting_page import meeting_of_list
from targeting.serving.published import PublishedList
from targeting.serving.served import BesideLists, Served
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]
CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# Chromium as root has no sandbox; the rest keeps it from asking for anything beyond this computer.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
HOSTILE = "<script>window.hurt = true</script>\u202e" + "W" * 500
# As it is shown: without the mark that would turn round all that stands after it.
SHOWN = HOSTILE.replace("\u202e", "")

# A machine that does much else is no fault of a page.
expect.set_options(timeout=30_000)

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"{CHROMIUM} is absent: `scripts/install-debian-packages` installs Debian's chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def serve(visit: Callable[..., Any]) -> Iterator[Callable[..., str]]:
    """Return a function that serves pages on a free port of this computer and returns their address.

    Whoever comes there is signed in, by default as a chair.
    """
    servers: list[uvicorn.Server] = []

    def start(served: Served, role: str = "chair", **of_doors: object) -> str:
        visitor = visit(served, role=role, **of_doors)
        server = uvicorn.Server(uvicorn.Config(signed_in(visitor), port=0, log_level="error"))
        threading.Thread(target=server.run, daemon=True).start()
        servers.append(server)
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.should_exit = True


def signed_in(visitor: Any) -> ASGIApp:
    """Return a visitor's service, to which every request comes with the visitor's session."""
    cookie = (b"cookie", f"{COOKIE}={visitor.session}".encode())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [*scope["headers"], cookie]
        await visitor.app(scope, receive, send)

    return app


@pytest.fixture(scope="module")
def address(district: Served, serve: Callable[[Served], str]) -> str:
    """Return where the small district's pages are."""
    return serve(district)


@pytest.fixture(scope="module")
def paths(district: Served) -> dict[str, str]:
    """Return the address of one page of each kind."""
    offer, review = district.library.current()
    return {
        "list": f"/lists/{offer.head.id}",
        "other list": f"/lists/{review.head.id}",
        "family 1": f"/flags/{offer.flags[0].id}",
        "kept place": next(f"/flags/{flag.id}" for flag in offer.flags if flag.kept_place),
        "former": f"/flags/{offer.flags[0].id}/former",
        "decision": f"/flags/{offer.flags[0].id}/decision",
        "first contact": f"/flags/{offer.flags[0].id}/first-contact",
        "export": f"/lists/{offer.head.id}/export",
        "filtered": f"/lists/{offer.head.id}?status=open",
        "meetings": "/meetings",
        "meeting": f"/meetings/{meeting_of_list(offer.head)}",
        "tasks": "/tasks",
        "lists": "/lists",
        "indicators": "/indicators",
        "model": "/model",
        "audit": "/audit",
        "models": "/models",
        "district": "/district",
        "problems": "/problems",
        "problem": "/problems/front-door",
        "not here": "/lists/l_x",
    }


def violations(page: Page) -> list[str]:
    """Return every fault that axe finds on a page, by all its rules but those still experimental."""
    if not page.evaluate("'axe' in window"):
        # Evaluated and not loaded by a script element, so that the content security policy stays as it is.
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": RULES, "resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [f"{fault['id']}: {node['html'][:160]}" for fault in found["violations"] for node in fault["nodes"]]


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def edges(page: Page, at: int) -> list[int]:
    """Return how light a page's first wide area is at its left edge, in its middle, at its right, scrolled so far."""
    area = page.locator(".scroll, .targeting-scroll").first
    area.evaluate("(area, at) => { area.scrollLeft = at; area.scrollIntoView(); }", at)
    held = Image.open(BytesIO(area.screenshot())).convert("L")
    rows = [[held.getpixel((x, y)) for x in (2, held.width // 2, held.width - 3)] for y in range(held.height)]
    # The lightest of each column: what lies between the lines and letters of a table.
    return [max(int(row[place]) for row in rows) for place in range(3)]


def test_what_is_wider_than_the_window_has_a_shadow_at_each_edge_beyond_which_there_is_more(
    browser: Browser, serve: Callable[..., str], district: Served
) -> None:
    page = browser.new_page(viewport=NARROW)
    page.goto(serve(district, "governance") + "/audit-log")
    (left, middle, right), (left_then, _, right_then) = edges(page, 0), edges(page, 10_000)
    assert (left, middle, right_then) == (255, 255, 255)
    assert max(right, left_then) < 230
    page.close()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is absent: `npm ci` in frontend/ installs it")
def test_axe_finds_nothing_on_any_page_and_none_scrolls_sideways(
    browser: Browser, address: str, paths: dict[str, str]
) -> None:
    page, faults = browser.new_page(viewport=WIDE), {}
    for name, path in paths.items():
        page.goto(address + path)
        for details in page.locator("summary").all():
            details.click()
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            assert overflow(page) <= 0, (name, size)
            faults[name, size["width"]] = violations(page)
    page.close()
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_stranger_walks_from_the_list_to_a_family_and_on_to_the_model(
    browser: Browser, address: str, javascript: bool
) -> None:
    context = browser.new_context(java_script_enabled=javascript, viewport=WIDE)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Families who may welcome an offer")
    expect(page.locator("main")).to_contain_text("This list is a prompt to look, not evidence.")
    page.get_by_role("link", name="Family 1", exact=True).click()
    expect(page.locator("h1")).to_have_text("Family 1 of 3")
    expect(page.get_by_role("heading", name="Why to look")).to_be_visible()
    page.get_by_text("How this was made").click()
    expect(page.get_by_text("--verify")).to_be_visible()
    page.get_by_role("link", name=re.compile("Next")).click()
    expect(page.locator("h1")).to_have_text("Family 2 of 3")
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(re.compile("#family-2$"))
    page.get_by_role("link", name="Families with early help").click()
    expect(page.locator("h1")).to_have_text("Families with early help")
    page.get_by_role("link", name="Fairness audit").first.click()
    expect(page.locator("h1")).to_have_text(re.compile("fairness audit$"))
    page.get_by_role("link", name="The model").click()
    expect(page.locator("h1")).to_have_text(re.compile("^Model card"))
    page.get_by_role("link", name="This week").click()
    expect(page.locator("h1")).to_have_text("Families who may welcome an offer")
    context.close()
    # A blocked style or script would be told on the console.
    assert said == []


def test_the_keyboard_alone_reaches_everything_in_reading_order(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=WIDE)
    page.goto(address)
    reached = []
    shown = page.locator("a[href]:visible, summary:visible, button:visible")
    for _ in shown.all():
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    links = page.locator("a[href]:visible, summary:visible, button:visible").evaluate_all(
        "all => all.map(each => each.innerText.trim())"
    )
    assert [each["text"] for each in reached] == links
    assert [each["text"] for each in reached if not each["seen"]] == []
    page.locator(".govuk-skip-link").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "How this list was made"
    page.close()


FOCUSED = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || at.matches('.govuk-skip-link');
    return {text: at.innerText.trim(), seen: seen && at.getBoundingClientRect().height > 0};
}"""


def test_enlarged_four_times_a_list_still_reads_downwards(browser: Browser, address: str, paths: Any) -> None:
    # 1280 by 1024 pixels, enlarged by 400 %, leave 320 by 256.
    context = browser.new_context(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    page = context.new_page()
    for name, path in paths.items():
        page.goto(address + path)
        assert overflow(page) <= 0, name
        assert page.evaluate("[...document.querySelectorAll('*')].every(e => getComputedStyle(e).position !== 'fixed')")
    context.close()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is absent: `npm ci` in frontend/ installs it")
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_governance_and_a_manager_walk_their_pages(
    browser: Browser, district: Served, serve: Callable[..., str], javascript: bool
) -> None:
    wards = tuple(
        Ward(code=code, name=f"{HOSTILE[:60]} {code}", short=code, easting=place, northing=-place)
        for place, code in enumerate("ABC")
    )
    cluster = Cluster(name="north", title="Family hub north", wards=("A", "B"))
    ward_set = WardSet(name="Wards", version="2004", source="Here", ward=wards, cluster=(cluster,))
    served = Served(district.data, district="Bradford", signers=(), beside=BesideLists(ward_set=ward_set))
    context = browser.new_context(java_script_enabled=javascript, viewport=NARROW if javascript else WIDE)
    page, faults = context.new_page(), list[str]()

    def look() -> None:
        page.wait_for_load_state()
        if javascript:
            faults.extend(f"{page.url}: {each}" for each in violations(page))
            assert overflow(page) <= 0, page.url

    def follow(name: str) -> None:
        page.get_by_role("link", name=name).first.click()
        look()

    page.goto(serve(served, "governance") + "/models")
    look()
    follow("The audit log")
    follow("Check every event now")
    expect(page.get_by_text("none changed, removed or forged")).to_be_visible()
    follow("Back to governance")
    follow("Version")
    page.set_input_files("#signature", {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"})
    page.get_by_role("button", name="Hand in the signature").click()
    look()
    expect(page.get_by_role("alert").get_by_text("the file is no signature that can be read")).to_be_visible()
    page.goto(serve(served, "manager"))
    look()
    expect(page.get_by_text("Signed in as demo manager")).to_be_visible()
    page.get_by_label("Shade the map by").select_option(label="Families considered")
    page.get_by_role("button", name="Show").click()
    look()
    expect(page.locator("figcaption")).to_have_text("Families considered")
    follow("Families considered")
    expect(page.locator("th[aria-sort=descending]")).to_have_text(re.compile("^Families considered"))
    follow("Family hub north")
    expect(page.locator("h1")).to_have_text("Family hub north")
    page.emulate_media(media="print")
    expect(page.locator(".govuk-service-navigation")).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto(serve(within_boundaries(served), "manager", declared=Access(protected_identities_manager="demo manager")))
    look()
    expect(page.get_by_role("img", name="Map of the wards within their boundaries")).to_be_visible()
    expect(page.locator(".targeting-map text").first).to_be_visible(visible=not javascript)
    follow("Protected identities")
    expect(page.get_by_text("No record that is loaded is marked as protected.")).to_be_visible()
    context.close()
    assert faults == []


def within_boundaries(served: Served) -> Served:
    """Return what is served with boundaries of its wards, each a square beside the other."""
    side = ((0.0, 51.0), (1.0, 51.0), (1.0, 52.0), (0.0, 52.0), (0.0, 51.0))
    wards = served.beside.ward_set
    assert wards is not None
    shapes = {ward.code: (tuple((x + at, y) for x, y in side),) for at, ward in enumerate(wards.ward)}
    return Served(served.data, district="Bradford", signers=(), beside=replace(served.beside, boundaries=drawn(shapes)))


def test_hostile_words_do_nothing_and_fit_a_narrow_screen(
    browser: Browser, a_list: Make, serve: Callable[[Served], str], tmp_path: Path
) -> None:
    published = a_list()
    reasons = tuple(
        each.model_copy(update={"sentence": HOSTILE, "agency": HOSTILE, "concern": HOSTILE})
        for each in published.flags[0].reasons
    )
    words = {"title": HOSTILE, "panel_title": HOSTILE, "outcome": HOSTILE, "urgent": HOSTILE}
    flags = (published.flags[0].model_copy(update={"reasons": reasons}), *published.flags[1:])
    write_lists([replace(published, head=published.head.model_copy(update=words), flags=flags)], data=tmp_path)
    address = serve(Served(tmp_path, district=HOSTILE, signers=()))
    page = browser.new_page(viewport=NARROW)
    for path in (f"/lists/{published.head.id}", f"/flags/{flags[0].id}", "/lists"):
        page.goto(address + path)
        expect(page.locator("main")).to_contain_text(SHOWN)
        assert page.evaluate("window.hurt") is None
        assert overflow(page) <= 0
    page.close()


def test_a_printed_list_never_cuts_a_family_in_two_and_leaves_out_what_paper_cannot_do(
    browser: Browser, address: str, paths: Any
) -> None:
    page = browser.new_page(viewport=WIDE)
    for path in (paths["list"], paths["family 1"]):
        page.goto(address + path)
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.goto(address + paths["list"])
    page.emulate_media(media="print")
    breaks = page.locator(".targeting-family").evaluate_all("all => all.map(e => getComputedStyle(e).breakInside)")
    assert breaks == ["avoid"] * 3
    # Nine or ten points, whichever part of a row it is; no words of a row stand larger than its reasons.
    sizes = page.locator(".targeting-family").evaluate_all(PRINTED_SIZES)
    assert sizes == ["12px", "13.3333px"]
    for left_out in (".govuk-service-navigation", ".govuk-skip-link", ".targeting-lists", ".targeting-footer"):
        expect(page.locator(left_out)).to_be_hidden()
    expect(page.get_by_text("Synthetic data")).to_be_visible()
    assert page.evaluate(PRINTED) == ["@top-left", "@top-right", "@bottom-left", "@bottom-right"]
    page.close()


PRINTED_SIZES = """rows => [...new Set(rows.flatMap(row => [...row.querySelectorAll('p, li, h3, strong')]
    .filter(each => !each.matches('.targeting-pseudonym')).map(each => getComputedStyle(each).fontSize)))].sort()"""
PRINTED = """() => [...document.styleSheets].filter(sheet => sheet.href.includes('/print/'))
    .flatMap(sheet => [...sheet.cssRules].flatMap(rule => rule.cssText.match(/@(top|bottom)-\\w+/g)))"""


def test_where_two_decisions_differ_is_readable_on_a_narrow_screen(
    browser: Browser, a_list: Make, serve: Callable[[Served], str], tmp_path: Path
) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    form = f"{serve(Served(tmp_path, district='Bradford', signers=()))}/flags/{published.flags[0].id}/decision"
    first, second = browser.new_page(viewport=NARROW), browser.new_page(viewport=NARROW)
    for page, reason in ((first, "Mornings are hard."), (second, "Evenings are hard.")):
        page.goto(form)
        fill_offer(page, reason)
        page.get_by_role("button", name="Check before you send").click()
        expect(page.get_by_role("heading", name="Check before you send")).to_be_visible()
    for page, then in ((second, "The decision that holds"), (first, "Somebody decided meanwhile")):
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("heading", name=then)).to_be_visible()
    caption = first.get_by_text("Where the two differ").bounding_box()
    assert caption is not None
    assert (caption["width"] > 200, caption["height"] < 60) == (True, True)
    first.close()
    second.close()


def test_the_head_of_a_signed_document_stands_where_that_of_other_pages_does(browser: Browser, address: str) -> None:
    page, left = browser.new_page(viewport=WIDE), []
    for path in ("/indicators", "/model", "/audit"):
        page.goto(address + path)
        box = page.get_by_role("link", name="This week").bounding_box()
        assert box is not None
        left.append(round(box["x"]))
    assert len(set(left)) == 1, left
    page.close()


def fill_offer(page: Page, reason: str) -> None:
    """Fill in a decision to offer help, for a reason."""
    page.get_by_role("radio", name="Offer help").check()
    page.get_by_label("Why?").fill(reason)
    page.get_by_role("radio", name="Early help").check()
    page.get_by_role("radio", name="Not yet").check()
    page.get_by_label("Who may be contacted safely").fill("the mother")
    page.get_by_label("How", exact=True).fill("by telephone")


def tell_contact(page: Page, press: Callable[[str], None]) -> None:
    """Record a first contact from a family's page on, at first with nothing filled in."""
    page.get_by_role("link", name="Record the first contact").click()
    press("Record the first contact")
    page.get_by_role("link", name="Say on which day, and who spoke with them").click()
    for part, text in (("Day", "30"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(text)
    page.get_by_role("radio", name="A midwife").check()
    press("Record the first contact")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is absent: `npm ci` in frontend/ installs it")
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_panel_goes_through_a_whole_meeting(
    browser: Browser, a_list: Make, serve: Callable[[Served], str], tmp_path: Path, javascript: bool
) -> None:
    published = a_list()
    blind = replace(published, head=published.head.model_copy(update={"works_blind": True, "standing": "live"}))
    write_lists([blind], data=tmp_path)
    address = serve(Served(tmp_path, district="Bradford", signers=()))
    context = browser.new_context(java_script_enabled=javascript, viewport=NARROW if javascript else WIDE)
    page, faults = context.new_page(), list[str]()

    def look() -> None:
        page.wait_for_load_state()
        if javascript:
            faults.extend(violations(page))
            assert overflow(page) <= 0, page.url

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        look()

    page.goto(address)
    page.get_by_role("link", name="Go to the meeting").click()
    page.get_by_label("Who attends").fill("Ada, early help\nBen, school")
    press("Keep who attends")
    page.get_by_role("link", name="Family 1", exact=True).click()
    page.get_by_role("radio", name="Refer up").check()
    expect(page.get_by_text("about 3")).to_have_count(0)
    press("Keep my view")
    expect(page.get_by_text("Of 10 families with records like these, about 3")).to_be_visible()
    page.get_by_role("button", name="Decide").click()
    look()
    press("Check before you send")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_role("link", name="Choose what you decide").click()
    fill_offer(page, HOSTILE)
    press("Check before you send")
    expect(page.locator("main")).to_contain_text(SHOWN)
    press("Change it")
    press("Check before you send")
    press("Record the decision")
    expect(page.get_by_role("heading", name="The decision that holds")).to_be_visible()
    tell_contact(page, press)
    expect(page.get_by_text("30 March 2026, a midwife").first).to_be_visible()
    page.get_by_role("link", name="Family 2").click()
    page.get_by_role("link", name="Go to the meeting").click()
    page.get_by_label("I know this family").select_option(label=f"Family 2: {published.head.title}")
    press("Enter my conflict of interest")
    expect(page.get_by_text("Conflict of interest: demo chair")).to_be_visible()
    press("Sign the meeting off")
    expect(page.get_by_text("Signed off by demo chair")).to_be_visible()
    page.get_by_role("link", name="Tasks").click()
    look()
    if javascript:
        assert page.evaluate("window.hurt") is None
    context.close()
    assert faults == []
