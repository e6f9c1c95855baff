"""`targeting bench pages`: what twenty people wait for pages over lists drawn from 100,000 families, meeting at once.

The families of a project with published lists (the one named, else the demo, else a small one made for this), at full
scale copied with their records until there are 100,000; lists of two weeks are published from them, and served by
`targeting serve` in one process. Twenty people are signed in, each with a browser that keeps its connection. They go
from the list to families, decide on them, look at the meeting, their tasks and the map:

- one page every five seconds each, as people read: a wait counts from when the page was to be asked for, so one that
  keeps the next waiting counts in full;
- without pause, the most that the service gives.

What the service is asked first of all, when nothing is read yet, is told apart.

No public tool of this field has pages: beside them stands an ASGI application that answers at once, asked alike.
"""

import http.client
import json
import os
import platform
import random
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import numpy as np

from targeting.commands.access import database_of, link_for
from targeting.commands.bench import OURS, Row, Scale, compared
from targeting.commands.clock import today
from targeting.commands.console import Advance, step
from targeting.errors import TargetingError
from targeting.serving.api.guard import COOKIE
from targeting.serving.database.sign_ins import Person
from targeting.serving.ids import meeting_id
from targeting.serving.library import Library
from targeting.serving.published import PublishedList
from targeting.store.generations import open_generation

from .api_district import district
from .list import FAMILIES, weeks_of
from .loopback import HOST, Server, free_port, get, running

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "pages.json"
BARE = "an ASGI application that does nothing"
USERS, SECONDS_A_PAGE = 20, 5.0
PAGES_EACH: Mapping[Scale, int] = {"small": 6, "full": 24}
# What the service needs of a project beside its records: what is declared, the models, their keys.
DECLARED = ("targeting.toml", "features", "models", "training", "fairness", "serving")
OF_MODELS = ("bundles", "champions.json", "keys")
FORM = {
    "decision": "more_information_needed",
    "reason": "The school knows more.",
    "threshold_level": "early_help",
    "agreement": "not_sought_yet",
    "owner": "family hub north",
    "due_date-day": "13",
    "due_date-month": "4",
    "due_date-year": "2026",
}


@dataclass
class Waits:
    """How long everybody waited, in seconds, by the kind of page; what did not come as it should."""

    of: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float) -> None:
        """Note a wait."""
        with self.lock:
            self.of.setdefault(kind, []).append(seconds)


class Browser:
    """One person's browser: signed in, its connection kept."""

    def __init__(self, server: Server, session: str) -> None:
        self._connection = http.client.HTTPConnection(HOST, server.port, timeout=120)
        self._headers = {"Cookie": f"{COOKIE}={session}", "Accept": "text/html"}
        self.csrf = ""

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Return the status and the page that answer a GET, or a form of the session."""
        body = urlencode({"csrf": self.csrf, **form}) if form is not None else None
        headers = {**self._headers, **({"Content-Type": "application/x-www-form-urlencoded"} if body else {})}
        self._connection.request("POST" if body else "GET", path, body=body, headers=headers)
        answered = self._connection.getresponse()
        page = answered.read().decode()
        found = re.search(r'name="csrf" value="([\w-]+)"', page)
        self.csrf = found.group(1) if found else self.csrf
        return answered.status, page

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def run(scale: Scale, project: Path | None, progress: Advance) -> list[Row]:
    """Return the rows of one run. Raises TargetingError where a page does not come as it should."""
    with district(project, progress) as found, TemporaryDirectory() as folder:
        progress("copying families, publishing two weeks' lists", 0, 4)
        lists = _published(found.root, Path(folder), FAMILIES[scale])
        families, rows = len(open_generation(Path(folder) / "var").family_ids()), list[Row]()
        with _served("targeting", "--project", folder, "serve", ready="/readyz") as server:
            sessions = _sessions(Path(folder), server)
            progress("warming up", 1, 4)
            rows += _warmed(server, sessions[0], lists, what=f"{families:,} families, asked first of all")
            for number, (how, seconds) in enumerate((("as people read", SECONDS_A_PAGE), ("without pause", 0.0)), 1):
                progress(f"twenty people, {how}", number, 4)
                began = time.perf_counter()
                waits = _walked(server, sessions, lists, pages=PAGES_EACH[scale], seconds_a_page=seconds)
                rows += _rows(waits, f"{families:,} families, {how}", OURS, server.peak_mib())
                if not seconds:
                    rate = sum(map(len, waits.of.values())) / (time.perf_counter() - began)
                    rows.append(Row("pages", f"{families:,} families, {how}", OURS, round(rate, 1), "requests/s"))
        progress("beside a bare application", 3, 4)
        # Its own five seconds are as long as a reader's pause: the connection would end as the next page is asked for.
        kept = ("--timeout-keep-alive", "30", "--log-level", "warning")
        bare = ("uvicorn", "--app-dir", str(Path(__file__).parent), "echo:app", *kept)
        with _served(*bare, ready="/") as server:
            waits = _walked(server, [""] * USERS, lists, pages=PAGES_EACH[scale], seconds_a_page=SECONDS_A_PAGE)
            rows += _rows(waits, f"{families:,} families, as people read", BARE, server.peak_mib())
        return rows


def _published(root: Path, folder: Path, families: int) -> tuple[PublishedList, ...]:
    """Return the latest lists of a copy of a project, with as many families, published there for two weeks."""
    for name in DECLARED:
        (shutil.copytree if (root / name).is_dir() else shutil.copy)(root / name, folder / name)
    data = folder / "var"
    data.mkdir()
    for name in OF_MODELS:
        if (root / "var" / name).exists():
            (shutil.copytree if (root / "var" / name).is_dir() else shutil.copy)(root / "var" / name, data / name)
    weeks, _ = weeks_of(root, data, families)
    for before in (1, 0):
        weeks.publish(weeks.as_of_date - timedelta(weeks=before))
    return Library(data).current()


@contextmanager
def _served(*command: str, ready: str) -> Iterator[Server]:
    port = free_port()
    with running([sys.executable, "-m", *command, "--port", str(port)], port=port, ready=get(ready)) as server:
        yield server


def _sessions(folder: Path, server: Server) -> list[str]:
    """Return the session of each of twenty members of the panel, signed in by a link."""
    found = []
    with closing(database_of(folder)) as database:
        for number in range(USERS):
            link = link_for(database, Person(f"member {number}", "panel_member"))
            connection = http.client.HTTPConnection(HOST, server.port)
            connection.request("GET", f"/sign-in/{link}")
            told = connection.getresponse().getheader("set-cookie") or ""
            found.append(told.partition(";")[0].partition("=")[2])
            connection.close()
    return found


def _warmed(server: Server, session: str, lists: Sequence[PublishedList], *, what: str) -> Iterator[Row]:
    """Yield how long the first list and the first map took of a service that has just begun."""
    browser = Browser(server, session)
    for kind, path in (("list", f"/lists/{lists[0].head.id}"), ("map", "/district")):
        began = time.perf_counter()
        browser.ask(path)
        yield Row("pages", f"{what}, {kind}", OURS, round(1000 * (time.perf_counter() - began), 1), "ms")
    for path in (f"/flags/{lists[0].flags[0].id}", f"/flags/{lists[0].flags[0].id}/decision", "/meetings", "/tasks"):
        browser.ask(path)
    browser.close()


def _walked(
    server: Server, sessions: Sequence[str], lists: Sequence[PublishedList], *, pages: int, seconds_a_page: float
) -> Waits:
    """Return what twenty people waited for so many pages each, who all begin within one page's time."""
    waits, begin = Waits(), time.perf_counter()

    def walk(number: int) -> None:
        chance, browser = random.Random(number), Browser(server, sessions[number])  # noqa: S311 - a load, no secret.
        browser.ask(f"/lists/{lists[0].head.id}")
        due = begin + seconds_a_page * number / USERS
        for page in range(pages):
            kind, ask = _page(browser, lists, chance, first=page == 0)
            time.sleep(max(0.0, due - time.perf_counter()))
            # Without pause nobody waits for a page before asking for it.
            since = due if seconds_a_page else time.perf_counter()
            status, _ = ask()
            waits.add(kind, time.perf_counter() - since)
            if status not in (200, 303, 412):
                waits.faults.append(f"{kind}: {status}")
            due += seconds_a_page
        browser.close()

    threads = [threading.Thread(target=walk, args=(number,)) for number in range(USERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if waits.faults:
        raise TargetingError(f"{len(waits.faults)} pages did not come as they should, the first: {waits.faults[0]}.")
    return waits


Ask = Callable[[], tuple[int, str]]


def _page(browser: Browser, lists: Sequence[PublishedList], chance: random.Random, *, first: bool) -> tuple[str, Ask]:
    """Return the page that somebody goes to next: mostly families, for that is what a meeting is about."""
    on = chance.choice([each for each in lists if each.flags])
    flag, head = chance.choice(on.flags).id, on.head
    meeting = f"/meetings/{meeting_id(head.panel, head.as_of_date.isoformat())}"
    kinds: Mapping[str, tuple[int, Ask]] = {
        "list": (3, lambda: browser.ask(f"/lists/{head.id}")),
        "filtered list": (1, lambda: browser.ask(f"/lists/{head.id}?status=open")),
        "family": (6, lambda: browser.ask(f"/flags/{flag}")),
        "decision form": (2, lambda: browser.ask(f"/flags/{flag}/decision")),
        "decision checked": (1, lambda: browser.ask(f"/flags/{flag}/decision/check", {**FORM, "instead_of": "0"})),
        "decision recorded": (2, lambda: browser.ask(f"/flags/{flag}/decision", {**FORM, "instead_of": "0"})),
        "meeting": (2, lambda: browser.ask(meeting)),
        "tasks": (1, lambda: browser.ask("/tasks")),
        "map": (1, lambda: browser.ask("/district")),
    }
    if first:
        return "list", kinds["list"][1]
    kind = chance.choices(list(kinds), weights=[weight for weight, _ in kinds.values()])[0]
    return kind, kinds[kind][1]


def _rows(waits: Waits, how: str, subject: str, peak: float | None) -> Iterator[Row]:
    """Yield the 95th percentile of all waits, and of ours by the kind of page."""
    everything = [each for of in waits.of.values() for each in of]
    by_kind = sorted(waits.of.items()) if subject == OURS else []
    for kind, of in (("all pages", everything), *((f"{kind} ({len(of)})", of) for kind, of in by_kind)):
        case = f"{how}, {kind}, 95th percentile"
        yield Row("pages", case, subject, round(1000 * float(np.percentile(of, 95)), 1), "ms", peak)


def _work_beside(before: float, after: float) -> dict[str, object]:
    """Return how many processes were ready to run a minute before and after, and whether others took part of the time.

    Before the run none of them is its own; after it some are.
    """
    return {"load_before": round(before, 1), "load_after": round(after, 1), "crowded": before >= 1}


def main() -> None:
    """Measure at full scale over the demo, and write what was found to docs/evidence."""
    project, before = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None, os.getloadavg()[0]
    with step("Pages") as advance:
        rows = compared(run("full", project, advance))
    evidence = {
        "command": "make evidence-pages",
        "date": today().isoformat(),
        "data": "synthetic: the families of `targeting demo`, copied with their records until there are 100,000",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        **_work_beside(before, os.getloadavg()[0]),
        "versions": {name: version(name) for name in ("targeting", "fastapi", "uvicorn", "sqlalchemy", "jinja2")},
        "found": [
            {"case": each.case, "subject": each.subject, "value": each.value, "unit": each.unit} for each in rows
        ],
    }
    EVIDENCE.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
