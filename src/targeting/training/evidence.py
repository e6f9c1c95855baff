"""What a training leaves as evidence: JSON files and a model card. Counts and measures; no family in any of them."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from targeting.features.plan import Plan
from targeting.models.bundle import Origin
from targeting.models.card import model_card
from targeting.models.definition import ModelDefinition
from targeting.models.points import POINTS
from targeting.training.definition import TrainingDefinition
from targeting.training.evaluation import calibration_bins, net_benefit, precision_recall_points
from targeting.training.fitting import Fitted
from targeting.training.judgement import Judgement
from targeting.training.multiplicity import Multiplicity
from targeting.training.reproduction import ENVIRONMENT, ROWS, block_digests, environment
from targeting.training.rows import Rows, known_shares
from targeting.training.search import SearchResult
from targeting.training.splits import Split

CALIBRATION, EVALUATION, GATES, INDICATORS, MULTIPLICITY, SEARCH, SPLIT, TRAINING, VERDICT = (
    "calibration.json",
    "evaluation.json",
    "gates.json",
    "indicators.json",
    "multiplicity.json",
    "search.json",
    "split.json",
    "training.json",
    "verdict.json",
)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that a training found. `left_out` counts rows of its dates without a label, by the reason.

    `kept` is the model that is written, `multiplicity` are those as good, and `plan` holds the indicators.
    """

    definition: TrainingDefinition
    rows: Rows
    left_out: Mapping[str, int]
    split: Split
    search: SearchResult
    judgement: Judgement
    kept: Fitted
    multiplicity: Multiplicity
    plan: Plan


def evidence_files(
    model: ModelDefinition, origin: Origin, findings: Findings, *, said: Mapping[str, str], more: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return every file of a bundle's evidence by name; `more` an audit adds.

    `said` has in words of whom the model `speaks_of`, and what it `estimates`.
    """
    written = {
        CALIBRATION: _calibration(findings.kept),
        ENVIRONMENT: environment(),
        EVALUATION: _evaluation(findings.judgement),
        GATES: [gate.to_json() for gate in findings.judgement.gates],
        INDICATORS: _indicators(findings),
        MULTIPLICITY: findings.multiplicity.to_json(),
        POINTS: [rule.model_dump() for rule in findings.definition.baselines.points],
        ROWS: block_digests(findings.rows),
        SEARCH: _search(findings.search),
        SPLIT: {**_split(findings), **said},
        TRAINING: findings.definition.model_dump(mode="json"),
        VERDICT: {**findings.judgement.verdict.to_json(), "model_in_use": findings.judgement.model_in_use},
    }
    card = model_card(model, origin, {**written, **_audit(more)})
    return {**{name: _json(content) for name, content in written.items()}, **card, **more}


def _evaluation(judgement: Judgement) -> dict[str, object]:
    rows = judgement.scored
    return {
        "test": judgement.evaluation.to_json(),
        "baselines": {name: held.to_json() for name, held in sorted(judgement.baselines.items())},
        "by_group": dict(judgement.by_group),
        "calibration": calibration_bins(rows),
        "kept_after_a_week": dict(judgement.kept_after_a_week),
        "net_benefit": net_benefit(rows),
        "precision_recall": precision_recall_points(rows),
    }


def _calibration(kept: Fitted) -> dict[str, object]:
    found: dict[str, object] = {"method": kept.calibrator.method}
    if kept.choice is not None:
        found |= {"log_loss": kept.choice.log_loss, "behind": kept.choice.behind}
    return found


def _indicators(findings: Findings) -> list[dict[str, object]]:
    known, asked = known_shares(findings.rows), findings.kept.booster.asked_about
    checks = findings.judgement.indicators
    return [
        {
            "name": check.name,
            "agencies": list(planned.agencies),
            "share_known": float(share),
            "auc_alone": check.auc,
            "precision_alone": check.precision,
            "asked_about": check.name in asked,
            "unknown_is_none": not asked.get(check.name, True),
        }
        for planned, check, share in zip(findings.plan.indicators, checks, known, strict=True)
    ]


def _search(found: SearchResult) -> dict[str, object]:
    return {"best": found.best.number, "trials": [asdict(trial) for trial in found.trials]}


def _split(findings: Findings) -> dict[str, object]:
    uses = {name: [day.isoformat() for day in dates] for name, dates in findings.split.uses.items()}
    counts = {name: _counts(findings.rows.on(dates)) for name, dates in findings.split.uses.items() if dates}
    return {
        "dates": uses,
        "windows": [
            {use: [day.isoformat() for day in days] for use, days in vars(window).items()}
            for window in findings.split.windows
        ],
        "counts": counts,
        "left_out": dict(findings.left_out),
        "rows_digest": rows_digest(findings.rows),
    }


def _counts(rows: Rows) -> dict[str, int]:
    return {"rows": len(rows), "families": len(np.unique(rows.family)), "outcomes": rows.events}


def rows_digest(rows: Rows) -> str:
    """Return the SHA-256 of labelled rows: names, dates, values, labels. No family can be read from it."""
    digest = sha256(json.dumps(rows.names).encode())
    digest.update(rows.as_of_date.astype(np.int64).data)
    for held in ((block.X for block in rows.blocks()), (block.unknown for block in rows.blocks()), (rows.y,)):
        for part in held:
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def _audit(more: Mapping[str, bytes]) -> dict[str, Any]:
    return {name: json.loads(more[name]) for name in ("audit.json",) if name in more}


def _json(content: object) -> bytes:
    return (json.dumps(_without_nan(content), indent=1, ensure_ascii=False) + "\n").encode()


def _without_nan(content: Any) -> Any:
    """Return content with null for what is undefined: NaN is no JSON."""
    if isinstance(content, Mapping):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
