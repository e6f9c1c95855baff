"""Pages to look at: over lists made by hand, and over a small district with a signed model."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from targeting.fairness.audit import audit
from targeting.fairness.audit_input import AuditInput
from targeting.fairness.page import audit_to_html
from targeting.fairness.policy import read_policy
from targeting.models.bundle import Bundle, BundleContents, write_bundle
from targeting.models.card import model_card
from targeting.models.definition import ModelDefinition
from targeting.models.signatures import make_key, sign_bundle
from targeting.models.signers import Signer
from targeting.records.contract import contract
from targeting.serving.access.definition import Role
from targeting.serving.api.app import make_app
from targeting.serving.api.guard import COOKIE
from targeting.serving.lists import publish
from targeting.serving.pages.assets import FOLDER, MEDIA_TYPES
from targeting.serving.published import PublishedList
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served
from targeting.serving.week import MadeFrom
from targeting.serving.writing_lists import write_lists

BROWSER = {"accept": "text/html"}
AS_OF = date(2026, 3, 30)
POLICY = """
unit = "child"
cuts = ["top:10%", "score>=0.5"]
[[attribute]]
name = "known_before"
class = "refused"
column = "known_before"
reference = "never known"
[[gating]]
attribute = "known_before"
group = "known before"
measure = "tpr_difference"
cut = "top:10%"
limit = 0.1
reason = "Named beforehand."
"""
POOLED = {
    "n": 4000.0,
    "not_known": 130.0,
    "families": 1000.0,
    "events": 80.0,
    "prevalence": 0.02,
    "average_precision": 0.21,
    "auc": 0.81,
    "precision_at_1_percent": 0.35,
    "recall_at_1_percent": 0.17,
    "precision_at_capacity": 0.4,
    "recall_at_capacity": 0.1,
    "tied_at_capacity": 3.0,
    **{f"{what}_in_{weeks}_weeks": 0.3 for what in ("precision", "recall") for weeks in (13, 52)},
    **{f"reviewed_per_outcome_in_{weeks}_weeks": 3.33 for weeks in (13, 52)},
    "brier": 0.0187,
    "calibration_in_the_large": 1.04,
    "calibration_slope": 0.97,
    "calibration_intercept": 0.01,
}
MODEL = ModelDefinition(
    name="escalation",
    title="Families whose needs may be about to escalate",
    purpose="early_help",
    forbidden_uses=("deciding anything by itself",),
    owner="Head of early help",
    cohort="model",
    outcome="escalation",
    tier="council",
    indicators=("*",),
)


@dataclass(frozen=True)
class Visitor:
    """Asks for pages as a browser does, one after another, signed in, and follows no redirection."""

    app: FastAPI
    session: str = ""
    csrf: str = ""

    def get(self, path: str) -> httpx.Response:
        """Return the answer to a GET."""

        return self._ask("GET", path)

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Return the answer to a form of this session."""
        return self.post_bare(path, **{"csrf": self.csrf, **fields})

    def post_bare(self, path: str, **fields: str) -> httpx.Response:
        """Return the answer to a form with the fields named alone."""
        return self._ask("POST", path, data=fields)

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def answered() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                client.cookies.set(COOKIE, self.session)
                return await client.request(method, path, headers=BROWSER, **options)

        return asyncio.run(answered())


class Elements(HTMLParser):
    """The elements of a page with their attributes, its ids, and the words that a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.text_of: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        """All words, in order."""
        return " ".join("".join(self.words).split())

    @property
    def ids(self) -> set[str]:
        """What a link within the page may lead to."""
        return {str(attributes["id"]) for _, attributes in self.found if "id" in attributes}

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.found if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "path", "circle"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)
            for tag in set(self._open):
                self.text_of.setdefault(tag, []).append(data)


Browse = Callable[..., Visitor]


@pytest.fixture(scope="session", autouse=True)
def _assets_are_built() -> None:
    if not all((FOLDER / name).is_file() for name in MEDIA_TYPES):
        pytest.skip(
            "the pages' stylesheet is not built: `make test` builds it, or npm ci and npm run build in frontend/"
        )


@pytest.fixture(scope="session")
def read() -> Callable[[str], Elements]:
    """Return what reads a page."""
    return Elements


@pytest.fixture
def browse(tmp_path: Path, doors_of: Callable[..., Any]) -> Browse:
    """Return a function that makes a visitor of pages over lists, made by hand and written below a folder."""

    def over(*lists: PublishedList, district: str = "Bradford") -> Visitor:
        for each in lists:
            write_lists([each], data=tmp_path)
        return visitor_of(Served(tmp_path, district=district, signers=()), doors_of)

    return over


@pytest.fixture(scope="session")
def district(made_from: MadeFrom, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Return what is served of a small district: two lists of one date, made by a signed model."""
    folder = tmp_path_factory.mktemp("served")
    signers = tuple(
        Signer(name=name, role=role, public_key=make_key(folder / name))
        for name, role in (("Ada", "service_lead"), ("Ben", "data_protection"))
    )
    bundle = _with_evidence(made_from.bundle, folder)
    for signer in signers:
        sign_bundle(bundle, name=signer.name, key=folder / signer.name, signers=signers)
    published_at = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
    publish(replace(made_from, bundle=bundle), data=folder, as_of_date=AS_OF, published_at=published_at)
    return Served(folder, district="Bradford", signers=signers)


@pytest.fixture(scope="session")
def visitor(district: Served, doors_of: Callable[..., Any]) -> Visitor:
    """Return somebody who visits the pages over the small district."""
    return visitor_of(district, doors_of)


def visitor_of(served: Served, doors_of: Callable[..., Any], role: str = "chair", **of_doors: object) -> Visitor:
    """Return somebody of a role who is signed in to the whole service, of which the pages are a part."""
    doors = doors_of(served.data, **of_doors)
    app = make_app(served, Scorer(served, contract=contract(), identity_key=bytes(32)), doors.control)
    session = doors.session(role)
    return Visitor(app, session, doors.csrf(f"{COOKIE}={session}"))


@pytest.fixture
def panel(a_list: Callable[..., PublishedList], tmp_path: Path, doors_of: Callable[..., Any]) -> Callable[..., Any]:
    """Return what publishes lists, by default one of two families, and returns who signs somebody of a role in."""

    def over(*lists: PublishedList) -> Callable[..., Visitor]:
        for each in lists or (a_list(),):
            write_lists([each], data=tmp_path)
        first, doors = visitor_of(Served(tmp_path, district="Bradford", signers=()), doors_of), doors_of(tmp_path)

        def signed_in(role: Role = "chair", subject: str = "") -> Visitor:
            session = doors.session(role, subject=subject)
            return replace(first, session=session, csrf=doors.csrf(f"{COOKIE}={session}"))

        return signed_in

    return over


@pytest.fixture(scope="session")
def visit(doors_of: Callable[..., Any]) -> Callable[..., Visitor]:
    """Return what makes a visitor of what is served; `role` and what the doors are made of may be named."""
    return lambda served, **named: visitor_of(served, doors_of, **named)


def _with_evidence(bundle: Bundle, folder: Path) -> Bundle:
    gates = [{"name": "enough_events", "passed": True, "detail": "80 outcomes on the test dates; 50 needed."}]
    told = {
        "gates.json": gates,
        "split.json": {"dates": {"test": ["2025-01-01"]}},
        "evaluation.json": {
            "test": {"pooled": POOLED, "intervals": {"auc": [0.78, 0.84]}},
            "by_group": {},
            "kept_after_a_week": {"the top per cent": 0.96},
            "baselines": {"prior_count": {"pooled": {**POOLED, "average_precision": 0.09}}},
        },
        "multiplicity.json": {"as_good": 1, "trials": 12, "kept": 1, "lists": {}},
        "verdict.json": {"deploy": True, "sentence": "Deploy: it clearly beats what is done by hand."},
        "audit.json": {"verdict": "pass"},
    }
    evidence = {
        **{name: json.dumps(content).encode() for name, content in told.items()},
        "card.html": model_card(MODEL, bundle.origin, told)["card.html"],
        "audit.html": _audit_page(folder).encode(),
    }
    contents = BundleContents(
        origin=bundle.origin,
        booster=bundle.booster,
        calibrator=bundle.calibrator,
        plan_json=bundle.plan_json,
        evidence=evidence,
    )
    return write_bundle(folder / "bundles" / bundle.model, contents)


def _audit_page(folder: Path) -> str:
    path = folder / "fairness" / "policy.toml"
    path.parent.mkdir()
    path.write_text(POLICY)
    known = np.repeat(["never known", "known before"], 60)
    rows = AuditInput(
        entity=np.array([f"p{number}" for number in range(120)]),
        score=np.tile([0.9, 0.1], 60),
        label=np.tile([1.0, 0.0, 0.0], 40),
        attributes={"known_before": known},
        synthetic=True,
    )
    return audit_to_html(audit(rows, read_policy(path), title=MODEL.title))
