"""A minute of the load of `make evidence-mixed-load`: SQLite instead of PostgreSQL, and three clients that rest."""

import importlib.util
import json
import signal
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from targeting.models.bundle import BundleContents, write_bundle
from targeting.models.signatures import sign_bundle
from targeting.serving.database.connecting import database_url
from targeting.serving.database.database import Database
from targeting.serving.lists import publish
from targeting.serving.published import PublishedList
from targeting.serving.week import MadeFrom
from targeting.store.identities import identity_key

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
SECONDS, BETWEEN_KILLS = 60.0, 15.0
CLIENTS, RESTS = 3, 0.1


@pytest.fixture(scope="module")
def load() -> tuple[ModuleType, ModuleType]:
    """Return the clients and the disturbances with which the evidence is made."""
    return benchmark("mixed_clients"), benchmark("disturbances")


def benchmark(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # What its dataclasses are made of is looked up by the module's name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_under_a_minute_of_mixed_load_with_workers_killed_and_a_list_published_nothing_acknowledged_is_lost(
    project: Path, district, made_from: MadeFrom, running, load
):
    mixed_clients, disturbances = load
    seen, stop, published = mixed_clients.Seen(), threading.Event(), []
    families = district.lists[0].considered["family_id"].to_pylist()
    with running(project, "--workers", "2") as service:
        clients = [mixed_clients.Client(service.port, service.token, families, seen, seed) for seed in range(CLIENTS)]
        threads = [threading.Thread(target=partial(each.ask_until, stop, rests=RESTS)) for each in clients]
        for each in threads:
            each.start()
        try:
            killed = disturbances.disturb(
                service.process.pid,
                {SECONDS / 4: lambda: published.append(publish_next_week(project, district, made_from))},
                seen.answers.total,
                seconds=SECONDS,
                between_kills=BETWEEN_KILLS,
            )
        finally:
            stop.set()
            for each in threads:
                each.join()
        recorded = clients[0].all_decisions()
        in_use = json.loads(service.get("/v1/models/current"))["bundle_digest"]
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=120) == 0
    assert [each.head.provenance.bundle_digest for each in published] == [in_use]
    assert killed >= 1
    assert seen.faults == []
    assert seen.acknowledged
    assert disturbances.lost(seen.acknowledged, recorded) == []
    with closing(Database(database_url(project / "var"), key=identity_key(project / "var"))) as database:
        assert database.check_audit_log().seq >= len(recorded)


def publish_next_week(project: Path, district, made_from: MadeFrom) -> PublishedList:
    """Sign another version of the model, publish the next week's lists by it, and return the first of them."""
    held, week = made_from.bundle, timedelta(days=7)
    contents = BundleContents(
        origin=replace(held.origin, title=f"{held.origin.title}, again"),
        booster=held.booster,
        calibrator=held.calibrator,
        plan_json=held.plan_json,
        evidence={name: path_of(district, name).read_bytes() for name in ("gates.json", "audit.json")},
    )
    bundle = write_bundle(project / "var" / "bundles" / held.model, contents)
    for signer in district.signers:
        key = district.data.parent / "keys" / f"{signer.role}.pem"
        sign_bundle(bundle, name=signer.name, key=key, signers=district.signers)
    head = district.lists[0].head
    lists = publish(
        replace(made_from, bundle=bundle),
        data=project / "var",
        as_of_date=head.as_of_date + week,
        published_at=head.published_at + week,
    )
    return lists[0]


def path_of(district, name: str) -> Path:
    """Return a file of the evidence of the model in use."""
    made_by = district.lists[0].head.provenance
    return next((district.data / "bundles" / made_by.model).glob(f"{made_by.bundle_digest[:12]}/evidence/{name}"))
