"""The declared fallback: where no model may order a list, the points rule does; it says what is recorded, no more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from targeting.errors import TargetingError
from targeting.features import Plan, plan_to_json
from targeting.models.bundle import Bundle, BundleContents, Origin, write_bundle
from targeting.models.definition import ModelDefinition
from targeting.models.points import POINTS, PointsRule
from targeting.models.points_model import BY_POINTS, NO_CALIBRATOR, points_booster
from targeting.models.registry import BUNDLES, read_champions
from targeting.models.suspension import suspension_of
from targeting.serving.definition import Service

MAKER = "points rule"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What of a project a points rule's bundle is made from."""

    model: ModelDefinition
    plan: Plan
    rules: Sequence[PointsRule]
    synthetic: bool
    declarations_digest: str
    code_version: str


def is_needed(data: Path, service: Service) -> bool:
    """Return whether the fallback orders the lists: it is declared, and the model is suspended or none was promoted.

    A bundle that was changed, or whose signatures do not hold, is no reason: that is said, and nothing is published.
    """
    if service.fallback != "points_rule":
        return False
    return suspension_of(data, service.model) is not None or service.model not in read_champions(data)


def by_points(service: Service) -> Service:
    """Return the service as its lists by points are made: by the bundle of that name, and without bands."""
    return service.model_copy(update={"model": service.model + BY_POINTS})


def points_bundle(declared: Declared, data: Path) -> Bundle:
    """Return the bundle of a points rule, written below `data` where its lists find it; equal rules, equal bundles."""
    if not declared.rules:
        raise TargetingError(f"training/{declared.model.name}.toml declares no [[baselines.points]] to order lists by.")
    contents = BundleContents(
        origin=replace(_origin(declared), model=declared.model.name + BY_POINTS),
        booster=points_booster(declared.rules, declared.plan.names),
        calibrator=NO_CALIBRATOR,
        plan_json=plan_to_json(declared.plan),
        evidence={POINTS: json.dumps([rule.model_dump() for rule in declared.rules], indent=1).encode()},
    )
    return write_bundle(data / BUNDLES / contents.origin.model, contents)


def _origin(declared: Declared) -> Origin:
    model = declared.model
    return Origin(
        model=model.name,
        title=model.title,
        purpose=model.purpose,
        forbidden_uses=model.forbidden_uses,
        owner=model.owner,
        cohort=model.cohort,
        outcome=model.outcome,
        tier=model.tier,
        as_of_dates=(),
        generation="",
        data_digest="",
        synthetic=declared.synthetic,
        declarations=declared.declarations_digest,
        code_version=declared.code_version,
        trainer=MAKER,
    )
