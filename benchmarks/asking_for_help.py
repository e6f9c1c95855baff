"""What telling every family that it asked for help does to the design matrix: nothing may rise.

Part of `benchmarks/indicators.py`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.features import Plan
from targeting.features.engine import build_matrix
from targeting.records.contract import Contract
from targeting.store.generations import Generation, GenerationContents, write_generation

# Each asks for help, takes it up, declines it, or was not offered it; on whom it is recorded.
ASKING: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("contact", "child", {"referral_source": "1A", "outcome": "referral"}),
    ("contact", "child", {"referral_source": "1C", "outcome": "early_help"}),
    ("contact", "child", {"referral_source": "1A", "outcome": "no_further_action"}),
    ("referral", "child", {"referral_source": "1A", "primary_need": "N1"}),
    ("early_help_started", "child", {"referral_source": "1A"}),
    ("early_help_ended", "child", {"outcome": "declined"}),
    ("treatment_attended", "adult", {}),
    ("help_accepted", "adult", {"service": "early_help"}),
    ("help_declined", "adult", {"service": "early_help"}),
    ("homelessness_applied", "adult", {}),
    ("health_visitor_contact", "child", {"contact": "one_year", "status": "declined"}),
    ("health_visitor_contact", "child", {"contact": "one_year", "status": "not_offered"}),
    ("childrens_centre_attended", "adult", {}),
    ("youth_service_attended", "child", {}),
    ("camhs_referred", "child", {}),
)


def asking(plan: Plan, contract: Contract, generation: Generation, as_of_date: date, folder: Path) -> dict[str, Any]:
    """Return how many rows of the matrix each fact of asking, told of every family, raises, lowers or leaves."""
    signs = np.array([{"raises": 1, "lowers": -1}.get(each.direction or "", 0) for each in plan.indicators])
    before = build_matrix(replace(plan, cohort=None), generation, [as_of_date])
    told = []
    for number, (kind, who, columns) in enumerate(ASKING):
        changed = _with_fact(generation, contract, (kind, who, columns), as_of_date, folder / f"asked-{number}")
        after = build_matrix(replace(plan, cohort=None), changed, [as_of_date])
        moved = np.nan_to_num(after.values) - np.nan_to_num(before.values)
        other = (after.unknown != before.unknown) | ((signs == 0) & (moved != 0))
        raised, lowered = ((moved * signs > 0) | other).any(axis=1), (moved * signs < 0).any(axis=1)
        said = " ".join(f"{name}={value}" for name, value in columns.items())
        told.append({"fact": f"{kind} {said}".strip(), "raised": int(raised.sum()), "lowered": int(lowered.sum())})
    return {"rows": len(before), "rows_raised": sum(each["raised"] for each in told), "facts": told}


def _with_fact(
    generation: Generation, contract: Contract, fact: tuple[str, str, Mapping[str, str]], day: date, folder: Path
) -> Generation:
    """Return the generation with one more fact of a child, or of an adult, of every family, 60 days before a date."""
    kind, who, columns = fact
    kinds = set(generation.manifest.kinds)
    tables = {name: generation.facts(name) for name in kinds if contract.get(name)}
    tables[kind] = pa.concat_tables([tables[kind], _told(tables[kind], _members(generation, who), columns, day)])
    return write_generation(
        folder,
        GenerationContents(
            facts=tables,
            memberships=generation.memberships(),
            agency_links=generation.agency_links(),
            coverage=generation.coverage,
            contract=contract,
            synthetic=True,
            inputs={},
        ),
    )


def _members(generation: Generation, who: str) -> list[str]:
    held = generation.memberships()
    chosen = held.filter(pc.equal(held["is_child"], who == "child"))
    first = chosen.group_by("family_id").aggregate([("person_id", "min")])
    return first["person_id_min"].to_pylist()  # type: ignore[no-any-return]


def _told(like: pa.Table, persons: list[str], columns: Mapping[str, str], day: date) -> pa.Table:
    source = like["source"][0].as_py() if len(like) else ""
    common = {
        "event_date": day - timedelta(days=60),
        "knowledge_date": day - timedelta(days=50),
        "knowledge_basis": "recorded",
        "source": source,
    }
    rows = [
        {"fact_id": 10**9 + number, "person_id": person, "episode_id": f"asked-{number}", **common, **columns}
        for number, person in enumerate(persons)
    ]
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in like.schema.names} for row in rows], schema=like.schema
    )
