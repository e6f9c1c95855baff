"""Faults planted in the records of small synthetic districts: how often they are found, and how often sound ones alarm.

For each seed three districts go through the whole chain up to a design matrix: a sound one; one with a leaked column,
late recording, a drifted feed and families that stand in the case system twice; one whose police feed has stopped. What
training's gates and the watch say of each is counted. A detector alarms in error where its fault was not planted.

The leaked column is one that the district's declarations leave alone. Here a careless hand has mapped it, and made an
indicator of it.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from scipy.stats import binomtest

from targeting.commands.chain import link_people, load_extracts
from targeting.commands.trainings import Asked, asked_now, labels_of
from targeting.commands.watching import feeds_of
from targeting.features.engine import build_matrix
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.project.template import copy_template
from targeting.store.identities import keep_identity_key
from targeting.synthetic import plants
from targeting.synthetic.synthesis import synthesise
from targeting.training.gates import check_indicators, no_indicator_betrays
from targeting.training.recorded_codes import recorded_codes
from targeting.training.records_check import check_records, nothing_twice, recorded_in_time
from targeting.training.rows import ranked_rows
from targeting.training.watch import Then, watch_codes, watch_feeds, watch_indicators

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "planted_faults.json"
MODEL, KEY = "escalation", bytes(32)
END, AS_OF = date(2026, 3, 29), date(2026, 3, 30)
# Dates that teach, twenty weeks apart; the watch compares with the last three and with the year before.
TAUGHT = tuple(date(2022, 5, 30) + timedelta(weeks=20 * step) for step in range(8))
THEN = (*TAUGHT[-3:], *(AS_OF - timedelta(weeks=weeks) for weeks in (51, 52, 53)))
SEEDS, FAMILIES = 20, 1_500
# A detector is meant to alarm in at most one sound district of twenty.
DECLARED_FALSE_ALARMS = 0.05
# In every synthetic district the suspensions of the last months have not been handed over: what the watch says of them
# is true, and no false alarm.
TRUE_OF_ALL = frozenset({"indicator suspensions_3_months"})
TOGETHER = (plants.LEAKED_COLUMN, plants.LATE_RECORDING, plants.DRIFTED_FEED, plants.DUPLICATED_FAMILIES)
DISTRICTS: Mapping[str, tuple[str, ...]] = {"sound": (), "four faults": TOGETHER, "outage": (plants.FEED_OUTAGE,)}
FAULTS = (*TOGETHER, plants.FEED_OUTAGE)

KIND = '''
"""A kind of fact that a careless hand has mapped: the priority of a contact, which is amended afterwards."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind

PRIORITY = code_set("priority", "the case system", routine="routine", priority="priority", urgent="urgent")
prioritised_contact = FactKind(
    name="prioritised_contact",
    description="A contact was given a priority",
    area="social care",
    event="the contact",
    knowledge="the same day",
    columns=(Column(name="priority", description="Its priority", type="code", codes=PRIORITY),),
)
'''
INDICATOR = '''
"""An indicator of the priority of contacts."""

from targeting.features import Indicator, column, facts, months

from .measuring import most_of_one_child

urgent_contacts_12_months = Indicator(
    "Contacts in the last 12 months whose priority is urgent",
    most_of_one_child(facts("prioritised_contact").where(column("priority") == "urgent").in_last(months(12))),
    concern="earlier contacts and referrals",
    unit="contact",
    sentence="{count:contact} of the last 12 months are marked as urgent",
    direction="raises",
    unknown_means="Social care has not told of contacts",
    evidence="none",
)
'''
MAPPING = """LABELS = {each: each for each in ("routine", "priority", "urgent")}
contacts = Extract(
    file="LCS_Contacts.csv",
    facts=(
        FactFields(
            kind="prioritised_contact",
            person="Person ID",
            event_date=day("Contact Date"),
            knowledge_date=day("Outcome Recorded On"),
            values={"priority": column("Case Priority", codes=LABELS)},
            record_key=("Contact ID",),
        ),
"""


# As the district's declarations have it.
MAPPING_BEFORE = MAPPING[MAPPING.index("contacts =") : MAPPING.index("        FactFields(")]


@dataclass(frozen=True)
class Said:
    """What one detector said of one district."""

    fault: str
    alarmed: bool
    detail: str


def careless_project(folder: Path) -> Project:
    """Return the district's declarations, copied, with the leaking column mapped and an indicator made of it."""
    copy_template(folder)
    (folder / "features" / "records.py").write_text(KIND.lstrip(), encoding="utf-8")
    (folder / "features" / "leaking.py").write_text(INDICATOR.lstrip(), encoding="utf-8")
    _replace(folder / "features" / "sources" / "social_care.py", MAPPING_BEFORE, MAPPING)
    _replace(folder / "models" / f"{MODEL}.toml", "indicators = [", 'indicators = [\n    "leaking.*",')
    project = load_project(folder, on=AS_OF)
    keep_identity_key(project.data, KEY)
    return project


def _replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def district(folder: Path, *, families: int, seed: int, planted: Sequence[str]) -> Asked:
    """Return a district's training, its records loaded and linked."""
    project = careless_project(folder)
    synthesise(folder / "extracts", families=families, seed=seed, end=END, plants=planted)
    load_extracts(project, folder / "extracts")
    link_people(project)
    return asked_now(project, project.training(MODEL), on=AS_OF, progress=lambda *_: None)


def said_of(asked: Asked) -> Iterator[Said]:
    """Yield what each detector says of a district."""
    project, generation, limits = asked.project, asked.generation, asked.definition.gates
    outcome = project.outcomes[project.model(MODEL).outcome]
    matrix = build_matrix(asked.plan, generation, sorted({*TAUGHT, *THEN, AS_OF}))
    labels = labels_of(project, MODEL, matrix, generation, on=AS_OF)
    rows = ranked_rows(matrix, labels, [*TAUGHT, *THEN, AS_OF])
    taught = rows.on(TAUGHT)
    betrays = no_indicator_betrays(check_indicators(taught.where(taught.y >= 0)), limits)
    yield Said(plants.LEAKED_COLUMN, not betrays.passed, betrays.detail)
    records = check_records(outcome, generation, project.contract, first=TAUGHT[0], last=TAUGHT[-1])
    for fault, gate in (
        (plants.LATE_RECORDING, recorded_in_time(records, limits)),
        (plants.DUPLICATED_FAMILIES, nothing_twice(records, limits)),
    ):
        yield Said(fault, not gate.passed, gate.detail)
    feeds, sentences = feeds_of(project, asked.plan)
    days = Then(then=rows.on(THEN), now=rows.on([AS_OF]))
    watch = asked.definition.watch
    recorded = recorded_codes(generation, project.contract, asked.plan.columns, dates=THEN, on=AS_OF)
    found = [*watch_indicators(days, feeds, watch), *watch_codes(recorded, feeds, watch), *watch_feeds(sentences)]
    for fault, standing in ((plants.DRIFTED_FEED, "changed"), (plants.FEED_OUTAGE, "feed outage")):
        named = [each for each in found if each.standing == standing and each.what not in TRUE_OF_ALL]
        yield Said(fault, bool(named), " ".join(f"{each.what}: {each.detail}" for each in named) or "none")


def measured(seeds: int, families: int, told: Callable[[str], None]) -> Iterator[tuple[int, str, tuple[Said, ...]]]:
    """Yield, for each seed and district, what every detector said."""
    for seed in range(1, seeds + 1):
        for name, planted in DISTRICTS.items():
            told(f"seed {seed}, {name}")
            with TemporaryDirectory() as folder:
                asked = district(Path(folder) / "project", families=families, seed=seed, planted=planted)
                yield seed, name, tuple(said_of(asked))


def rates(found: Sequence[tuple[int, str, tuple[Said, ...]]]) -> dict[str, dict[str, object]]:
    """Return for each fault how often it was found where planted, and how often it alarmed in sound districts."""
    told = {}
    for fault in FAULTS:
        said = [(name, each.alarmed) for _, name, all_said in found for each in all_said if each.fault == fault]
        planted = [alarmed for name, alarmed in said if fault in DISTRICTS[name]]
        sound = [alarmed for name, alarmed in said if name == "sound"]
        told[fault] = {
            "planted": plants.PLANTS[fault],
            "found": sum(planted),
            "districts": len(planted),
            "detection_rate": _with_interval(planted),
            "false_alarms": sum(sound),
            "sound_districts": len(sound),
            "false_alarm_rate": _with_interval(sound),
            "declared_false_alarm_rate": DECLARED_FALSE_ALARMS,
        }
    return told


def _with_interval(alarms: Sequence[bool]) -> list[float]:
    """Return a share with its exact 95 % interval (Clopper and Pearson 1934)."""
    held = binomtest(sum(alarms), len(alarms))
    interval = held.proportion_ci(method="exact")
    return [round(float(each), 3) for each in (held.statistic, interval.low, interval.high)]


def evidence(found: Sequence[tuple[int, str, tuple[Said, ...]]], families: int) -> dict[str, object]:
    """Return what is written to docs/evidence."""
    return {
        "command": "make evidence-planted-faults",
        "date": date.today().isoformat(),  # noqa: DTZ011 - the day on which it ran.
        "data": f"synthetic districts of {families:,} families",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "numpy", "scipy")},
        "seeds": max(seed for seed, _, _ in found),
        "faults": rates(found),
        "said": [
            {"seed": seed, "district": name, **asdict(each)} for seed, name, all_said in found for each in all_said
        ],
    }


def main() -> None:
    """Run the study and write its evidence, seed by seed."""
    parser = argparse.ArgumentParser(description="Faults planted, and found.")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--families", type=int, default=FAMILIES)
    asked = parser.parse_args()
    found: list[tuple[int, str, tuple[Said, ...]]] = []
    for each in measured(asked.seeds, asked.families, lambda what: print(what, file=sys.stderr, flush=True)):
        found.append(each)
        if len(found) % len(DISTRICTS) == 0:
            EVIDENCE.write_text(json.dumps(evidence(found, asked.families), indent=1) + "\n", encoding="utf-8")
    print(json.dumps(rates(found), indent=1))


if __name__ == "__main__":
    main()
