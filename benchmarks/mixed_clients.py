"""What clients ask of a service under load, and what they hold it to: documented answers, one list, the right model."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
MOST_FAULTS = 20
DECISION: dict[str, Any] = {
    "decision": "more_information_needed",
    "first_view": None,
    "threshold_level": "early_help",
    "children": [],
    "agreement": "not_sought_yet",
    "safe_contact": None,
    "owner": "family hub north",
    "due_date": "2026-04-13",
    "follow_ups": [],
}


@dataclass
class Seen:
    """What all clients saw together. `acknowledged` has the reason of each decision by flag and revision."""

    answers: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[tuple[str, int], str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    broken_off: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, answer: str) -> None:
        """Count an answer."""
        with self.lock:
            self.answers[answer] += 1

    def fault(self, sentence: str) -> None:
        """Note what does not hold."""
        with self.lock:
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(sentence)


class Broken(Exception):  # noqa: N818 - expected where a worker is killed.
    """The connection ended before the answer."""


class Client:
    """One client that asks this and that, one thing after another, over connections of its own."""

    def __init__(self, port: int, token: str, families: list[str], seen: Seen, seed: int) -> None:
        self._port, self._token, self._families, self._seen = port, token, families, seen
        self._random, self._seed, self._number = random.Random(seed), seed, 0  # noqa: S311 - a load, no secret.
        self._made_by: dict[str, str] = {}
        self._documented: dict[str, set[str]] = {}

    def ask_until(self, stop: threading.Event, *, rests: float = 0.0) -> None:
        """Ask until told to stop, resting so many seconds between two things."""
        ways = (self._read_list, self._score, self._decide, self._decide, self._look_up, self._follow, self._model)
        while not stop.is_set():
            try:
                self._documented = self._documented or self._description()
                self._random.choice(ways)()
                stop.wait(rests)
            except Broken:
                with self._seen.lock:
                    self._seen.broken_off += 1
                # A worker that was killed is replaced within a second.
                stop.wait(0.05)

    def all_decisions(self) -> list[Any]:
        """Return every decision that is recorded, page by page."""
        found: list[Any] = []
        cursor = "0"
        while True:
            _, _, page = self._ask("GET", f"/v1/decisions?limit=100&cursor={cursor}", template="/v1/decisions")
            if not page.get("items"):
                return found
            found, cursor = [*found, *page["items"]], page["next_cursor"]

    def _read_list(self) -> None:
        status, _, page = self._ask("GET", "/v1/lists?limit=100", template="/v1/lists")
        if status != 200:
            return
        self._made_by |= {each["id"]: each["provenance"]["bundle_digest"] for each in page["items"]}
        wanted = self._random.choice(page["items"])
        ranks: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            path = f"/v1/lists/{wanted['id']}/flags?limit=4" + (f"&cursor={cursor}" if cursor else "")
            status, _, flags = self._ask("GET", path, template="/v1/lists/{list_id}/flags")
            if status != 200:
                return
            if {each["list_id"] for each in flags["items"]} - {wanted["id"]}:
                self._seen.fault("a page of a list has flags of another")
            ranks += [each["rank"] for each in flags["items"]]
            cursor = flags["next_cursor"]
        if len(ranks) != wanted["listed"] or len(set(ranks)) != len(ranks):
            self._seen.fault("the pages of a list do not have each of its flags once")

    def _score(self) -> None:
        body = {"family": {"system": "targeting", "value": self._random.choice(self._families)}}
        status, _, score = self._ask("POST", "/v1/scores", body)
        if status == 200 and score["list_id"] in self._made_by:
            self._check_model(score["provenance"]["bundle_digest"], score["list_id"])

    def _look_up(self) -> None:
        body = {"system": "targeting", "value": self._random.choice(self._families)}
        self._ask("POST", "/v1/families/lookup", body)

    def _follow(self) -> None:
        self._ask("GET", "/v1/decisions?limit=20", template="/v1/decisions")

    def _model(self) -> None:
        status, _, model = self._ask("GET", "/v1/models/current")
        if status == 200:
            for each in set(model["lists"]) & self._made_by.keys():
                self._check_model(model["bundle_digest"], each)

    def _check_model(self, named: str, on: str) -> None:
        if named != self._made_by[on]:
            self._seen.fault("an answer names another model than made its list")

    def _decide(self) -> None:
        if not self._made_by:
            self._read_list()
            return
        listed = self._random.choice(list(self._made_by))
        status, _, page = self._ask("GET", f"/v1/lists/{listed}/flags", template="/v1/lists/{list_id}/flags")
        if status != 200 or not page["items"]:
            return
        flag = self._random.choice(page["items"])["id"]
        path, template = f"/v1/flags/{flag}/decision", "/v1/flags/{flag_id}/decision"
        status, headers, _ = self._ask("GET", path, template=template)
        if status != 200:
            return
        self._number += 1
        name = f"client {self._seed}, decision {self._number}"
        sent = {"If-Match": headers["ETag"], "Idempotency-Key": name.replace(" ", "-").replace(",", "")}
        status, answer = self._until_answered(path, template, {**DECISION, "reason": name}, sent)
        if status == 200:
            with self._seen.lock:
                self._seen.acknowledged[flag, answer["revision"]] = answer["decision"]["content"]["reason"]

    def _until_answered(self, path: str, template: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        """Send a decision again, by its key, until it is known what became of it."""
        for _ in range(600):
            try:
                status, _, answer = self._ask("PUT", path, body, headers, template=template)
            except Broken:
                status, answer = 0, None
            if status not in (0, 409, 503):
                return status, answer
            time.sleep(0.05)
        self._seen.fault("a decision was not answered within half a minute")
        return 0, None

    def _ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, *, template: str = ""
    ) -> tuple[int, Any, Any]:
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            answered = connection.getresponse()
            content = answered.read()
        except (OSError, http.client.HTTPException):
            raise Broken from None
        finally:
            connection.close()
        operation = f"{method} {template or path}"
        self._seen.count(f"{operation}: {answered.status}")
        if str(answered.status) not in self._documented.get(operation, {str(answered.status)}):
            self._seen.fault(f"{operation}: {answered.status} is not documented")
        if answered.status == 500:
            self._seen.fault(f"{operation}: 500")
        return answered.status, answered.headers, json.loads(content) if content else None

    def _description(self) -> dict[str, set[str]]:
        _, _, described = self._ask("GET", "/openapi.json")
        return {
            f"{method.upper()} {path}": set(operation["responses"])
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        }
