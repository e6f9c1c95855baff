"""Is the synthetic district neither too easy nor too hard? Plain LightGBM on simple counts must say so.

    python benchmarks/check_generator.py EXTRACTS

reads the extracts of a synthetic district and its sealed truth, builds a few dozen counts by true family, trains on
early dates, tests on later ones, and fails where the AUC or the prevalence leaves its bounds, or where one of the
published rates beside the district's is missed. It says nothing about Bradford.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

AUC_BOUNDS = (0.72, 0.90)
PREVALENCE_BOUNDS = (0.012, 0.025)
# Synthetic over published: of a district of some 20,000 families, and of what is rare in it.
FEWEST_RATES, RATE_BOUNDS, RARE_BOUNDS = 25, (0.80, 1.25), (0.60, 1.60)
RARE = frozenset(
    {
        "children cautioned or sentenced in a year",
        "first entrants to youth justice in a year",
        "offending again within a year",
        "admissions for mental ill-health in a year",
        "families in intensive support at 31 March",
        "young carers known",
        "protection plans at 31 March",
    }
)
LEAD, HORIZON, YEAR = 28, 182, 365
NEVER = 2**30

Days = NDArray[np.int64]


@dataclass(frozen=True)
class Facts:
    """Dated facts of one sort by true family: when it happened, when it was known, a value."""

    family: NDArray[np.int64]
    day: Days
    known: Days
    value: NDArray[np.float64]


class Extracts:
    """The files below a folder, with every agency's references resolved to true families."""

    def __init__(self, out: Path) -> None:
        self.out = out
        records = pq.read_table(out / "truth/records.parquet")
        families = pq.read_table(out / "truth/families.parquet")
        # A person whom no agency has on record may be the last.
        self.family_of = np.full(1 + max(pc.max(each["person"]).as_py() for each in (records, families)), -1)
        main = families["family"].to_numpy()
        self.family_of[families["person"].to_numpy()[::-1]] = main[::-1]
        self._person = {
            source: (part["record_key"], part["person"])
            for source in pc.unique(records["source"]).to_pylist()
            for part in [records.filter(pc.equal(records["source"], source))]
        }

    def table(self, source: str, file: str, delimiter: str = ",") -> pa.Table:
        """Return a file, texts as texts."""
        path = self.out / source / file
        if path.suffix == ".parquet":
            return pq.read_table(path)
        header = path.open(encoding="utf-8", errors="replace").readline().strip().replace('"', "").split(delimiter)
        return pacsv.read_csv(
            path,
            parse_options=pacsv.ParseOptions(delimiter=delimiter),
            convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string())),
        )

    def families(self, source: str, keys: pa.ChunkedArray) -> NDArray[np.int64]:
        """Return the true family of each reference."""
        known, person = self._person[source]
        place = pc.index_in(keys, known.combine_chunks()).to_numpy()
        return self.family_of[person.to_numpy()[place]]


def days(column: pa.ChunkedArray, pattern: str) -> Days:
    """Return days since 1970; NEVER where blank."""
    if not pa.types.is_date32(column.type):
        column = pc.strptime(
            pc.if_else(pc.equal(column, ""), None, column), format=pattern, unit="s", error_is_null=True
        )
    numbers = column.cast(pa.date32()).cast(pa.int32())
    return pc.fill_null(numbers, NEVER).to_numpy().astype(np.int64)


_FORMATS = {
    "social_care": "%d/%m/%Y",
    "police": "%d-%b-%Y",
    "schools": "",
    "maternity": "%Y-%m-%dT%H:%M:%S",
    "childrens_centres": "%d %B %Y",
    "adult_services": "%d.%m.%Y",
}
_DELIMITERS = {"police": "|", "adult_services": "\t"}

# source, file, person, event, knowledge, condition column and value
_SORTS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("social_care", "LCS_Contacts.csv", "Person ID", "Contact Date", "Outcome Recorded On", "", ""),
    ("social_care", "LCS_Contacts.csv", "Person ID", "Contact Date", "Outcome Recorded On", "Contact Source", "Police"),
    (
        "social_care",
        "LCS_Contacts.csv",
        "Person ID",
        "Contact Date",
        "Outcome Recorded On",
        "Contact Source",
        "Schools",
    ),
    ("social_care", "LCS_Referrals.csv", "Person ID", "Referral Date", "Recorded On", "", ""),
    ("social_care", "LCS_Assessments.csv", "Person ID", "Authorised On", "Recorded On", "Outcome", "Child in need"),
    ("social_care", "LCS_Assessments.csv", "Person ID", "Authorised On", "Recorded On", "Outcome", "Not in need"),
    ("social_care", "LCS_CP_Plans.csv", "Person ID", "Plan Start", "Start Recorded On", "", ""),
    (
        "social_care",
        "EHM_Episodes.csv",
        "Person ID",
        "Closed On",
        "Closure Recorded On",
        "Closure Outcome",
        "Needs met",
    ),
    (
        "social_care",
        "EHM_Episodes.csv",
        "Person ID",
        "Closed On",
        "Closure Recorded On",
        "Closure Outcome",
        "Closed - needs not met",
    ),
    ("police", "DA_INVOLVED_PERSONS.csv", "NOMINAL_REF", "OCC_DATE", "REC_DATE", "", ""),
    ("police", "DA_INVOLVED_PERSONS.csv", "NOMINAL_REF", "OCC_DATE", "REC_DATE", "DASH", "HIGH"),
    ("police", "MISSING.csv", "NOMINAL_REF", "MISSING_FROM", "REPORTED", "", ""),
    ("schools", "suspensions.parquet", "pupil_id", "started_on", "return_received", "", ""),
    ("schools", "admissions.parquet", "pupil_id", "admitted_on", "return_received", "admission_type", "In-year"),
    ("maternity", "Bookings.csv", "MotherId", "BookingDate", "RecordedOn", "SmokingStatus", "Smoker"),
    ("maternity", "Bookings.csv", "MotherId", "BookingDate", "RecordedOn", "MentalHealthConcern", "Y"),
    ("maternity", "Bookings.csv", "MotherId", "BookingDate", "RecordedOn", "", ""),
    ("maternity", "MandatedContacts.csv", "PatientId", "ContactDate", "EnteredOn", "Outcome", "Was not brought"),
    ("maternity", "MoodReviews.csv", "MotherId", "AssessedOn", "EnteredOn", "Concern", "Y"),
    ("childrens_centres", "eStart Attendance.csv", "Member No", "Event Date", "Entered On", "", ""),
    ("adult_services", "mental_health_needs.csv", "client_ref", "identified", "entered", "", ""),
    ("adult_services", "substance_needs.csv", "client_ref", "identified", "entered", "", ""),
)
UNIVERSAL = {"schools", "maternity", "childrens_centres"}


def sorts(extracts: Extracts) -> Iterator[tuple[str, str, Facts]]:
    """Return each sort of fact with its source and a name."""
    for source, file, person, event, knowledge, where, value in _SORTS:
        table = extracts.table(source, file, _DELIMITERS.get(source, ","))
        if where:
            table = table.filter(pc.equal(table[where], value))
        known = days(table[knowledge], _FORMATS[source])
        facts = Facts(
            extracts.families(source, table[person]), days(table[event], _FORMATS[source]), known, np.ones(known.size)
        )
        yield source, f"{file}:{where}={value}", facts


def absence(extracts: Extracts) -> Facts:
    """Return the share of sessions missed, by pupil and term."""
    table = extracts.table("schools", "attendance_termly.parquet")
    share = table["sessions_missed"].to_numpy() / np.maximum(table["sessions_possible"].to_numpy(), 1)
    family = extracts.families("schools", table["pupil_id"])
    return Facts(family, days(table["term_end"], ""), days(table["return_received"], ""), share)


def _counts(facts: Facts, day: int, length: int, size: int) -> NDArray[np.float64]:
    seen = (facts.known < day) & (facts.day < day) & (facts.day >= day - length)
    return np.asarray(np.bincount(facts.family[seen], facts.value[seen], minlength=size), float)


def _latest(facts: Facts, day: int, size: int) -> NDArray[np.float64]:
    since = np.full(size, np.nan)
    seen = np.flatnonzero((facts.known < day) & (facts.day < day))
    np.fmin.at(since, facts.family[seen], (day - facts.day[seen]).astype(float))
    return since


def _highest(facts: Facts, day: int, length: int, size: int) -> NDArray[np.float64]:
    highest = np.full(size, np.nan)
    seen = np.flatnonzero((facts.known < day) & (facts.day < day) & (facts.day >= day - length))
    np.fmax.at(highest, facts.family[seen], facts.value[seen])
    return highest


@dataclass(frozen=True)
class Rows:
    """One row a family in the cohort and date; `unseen`: nothing but universal services knew of it for a year."""

    day: NDArray[np.int64]
    family: NDArray[np.int64]
    X: NDArray[np.float64]
    label: NDArray[np.bool_]
    chance: NDArray[np.float64]
    unseen: NDArray[np.bool_]


def _children(extracts: Extracts) -> pa.Table:
    families = pq.read_table(extracts.out / "truth/families.parquet")
    people = pq.read_table(extracts.out / "truth/people.parquet")
    child = families.filter(pc.equal(families["role"], "child"))
    return child.append_column("born", people["born"].take(child["person"]))


def _open_cases(extracts: Extracts) -> tuple[NDArray[np.int64], Days, Days]:
    table = extracts.table("social_care", "LCS_Referrals.csv")
    start = days(table["Referral Date"], "%d/%m/%Y")
    end = np.minimum(days(table["Closed On"], "%d/%m/%Y"), days(table["NFA Date"], "%d/%m/%Y"))
    return extracts.families("social_care", table["Person ID"]), start, end


class Counts:
    """Simple counts of every family by its true number, from the extracts of a district."""

    def __init__(self, out: Path) -> None:
        self.extracts = Extracts(out)
        self.size = 1 + int(self.extracts.family_of.max())
        self._sorts, self._missed = list(sorts(self.extracts)), absence(self.extracts)
        self._children = _children(self.extracts)
        escalations = pq.read_table(out / "truth/escalations.parquet")
        self._escalated = escalations["family"].to_numpy(), days(escalations["day"], "")

    @property
    def names(self) -> list[str]:
        """Return the name of each column."""
        spans = ("in a year", "in four years", "days since")
        return [f"{name} {span}" for _, name, _ in self._sorts for span in spans] + ["absence", "age", "children"]

    def on(self, day: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the counts of every family on a day, and whom nothing but universal services knew of for a year."""
        return _features(self._sorts, self._missed, self._children, day, self.size)

    def days_to_escalation(self, day: int) -> Days:
        """Return in how many days each family next escalates, as it happened; NEVER where it does not."""
        soon = np.full(self.size, NEVER)
        later = self._escalated[1] >= day
        np.minimum.at(soon, self._escalated[0][later], self._escalated[1][later] - day)
        return soon


def rows(out: Path, first: int, last: int, every: int = 3) -> Rows:
    """Return rows for every third month between two days."""
    counts = Counts(out)
    states = pq.read_table(out / "truth/states.parquet")
    dates = days(states["as_of_date"], "")
    wanted = np.unique(dates)
    wanted = wanted[(wanted >= first) & (wanted < last)][::every]
    opened, start, end = _open_cases(counts.extracts)
    parts = []
    for day in wanted.tolist():
        at = dates == day
        family, chance = states["family"].to_numpy()[at], states["chance"].to_numpy()[at]
        # Stages 0 to 2 of 7 have no open case; 48 states each.
        stage = states["state"].to_numpy()[at] // 48
        busy = np.zeros(counts.size, bool)
        busy[opened[(start < day) & (end >= day)]] = True
        soon = counts.days_to_escalation(day)
        cohort = (stage < 3) & ~busy[family] & (soon[family] >= LEAD)
        X, unseen = counts.on(day)
        family, chance = family[cohort], chance[cohort]
        parts.append((np.full(family.size, day), family, X[family], soon[family] < HORIZON, chance, unseen[family]))
    return Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _features(
    all_sorts: list[tuple[str, str, Facts]], missed: Facts, children: pa.Table, day: int, size: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    columns = []
    seen = np.zeros(size)
    for source, _, facts in all_sorts:
        year = _counts(facts, day, YEAR, size)
        columns += [year, _counts(facts, day, 4 * YEAR, size), _latest(facts, day, size)]
        if source not in UNIVERSAL:
            seen += year
    columns.append(_highest(missed, day, YEAR, size))
    family, born = children["family"].to_numpy(), days(children["born"], "")
    since, until = days(children["since"], ""), days(children["until"], "")
    here = (since < day) & (until > day) & (born > day - 18 * YEAR) & (family < size)
    age = np.full(size, np.nan)
    np.fmin.at(age, family[here], (day - born[here]) / YEAR)
    columns += [age, np.bincount(family[here], minlength=size).astype(float)]
    return np.stack(columns, axis=1), seen == 0


@dataclass(frozen=True)
class Check:
    """What plain LightGBM makes of the district, and what a perfect observer of true states would."""

    auc: float
    true_state_auc: float
    prior_contacts_auc: float
    prevalence: float
    precision_at_one_percent: float
    true_precision_at_one_percent: float
    unseen_escalations: float
    rows: int

    def faults(self) -> list[str]:
        """Return what lies outside its bounds, as sentences."""
        found = []
        if not AUC_BOUNDS[0] <= self.auc <= AUC_BOUNDS[1]:
            found.append(f"Plain LightGBM reaches an AUC of {self.auc:.3f}, outside {AUC_BOUNDS}.")
        if not PREVALENCE_BOUNDS[0] <= self.prevalence <= PREVALENCE_BOUNDS[1]:
            found.append(f"{self.prevalence:.2%} of families escalate, outside {PREVALENCE_BOUNDS}.")
        return found


def _precision(score: NDArray[np.float64], label: NDArray[np.bool_], share: float) -> float:
    top = np.argsort(-score, kind="stable")[: max(1, round(share * score.size))]
    return float(label[top].mean())


def plain_lightgbm(train: Rows) -> lgb.Booster:
    """Return LightGBM trained on simple counts, nothing tuned."""
    parameters = {
        "objective": "binary", "num_leaves": 7, "learning_rate": 0.06, "min_data_in_leaf": 50, "verbose": -1,
        "deterministic": True, "force_row_wise": True, "num_threads": 1, "seed": 1, "feature_fraction": 0.6,
    }  # fmt: skip
    return lgb.train(parameters, lgb.Dataset(train.X, train.label.astype(float)), num_boost_round=120)


def check(out: Path) -> Check:
    """Train on dates of 2022 to mid 2024, test from the end of 2024 on, and return how well it went."""
    train = rows(out, _day("2022-01-01"), _day("2024-05-01"), every=2)
    test = rows(out, _day("2024-11-01"), _day("2025-09-01"), every=2)
    score = plain_lightgbm(train).predict(test.X)
    return Check(
        auc=float(roc_auc_score(test.label, score)),
        true_state_auc=float(roc_auc_score(test.label, test.chance)),
        prior_contacts_auc=float(roc_auc_score(test.label, test.X[:, 1])),
        prevalence=float(test.label.mean()),
        precision_at_one_percent=_precision(score, test.label, 0.01),
        true_precision_at_one_percent=_precision(test.chance, test.label, 0.01),
        unseen_escalations=float(test.unseen[test.label].mean()),
        rows=int(test.label.size),
    )


def rate_faults(rates: list[dict[str, Any]]) -> list[str]:
    """Return which published rates the district misses, by name, as sentences; what it has no case of is missed."""
    found = [] if len(rates) >= FEWEST_RATES else [f"{len(rates)} published rates, fewer than {FEWEST_RATES}."]
    for rate in rates:
        low, high = RARE_BOUNDS if rate["name"] in RARE else RATE_BOUNDS
        if rate["ratio"] is None or not low <= rate["ratio"] <= high:
            said = f"{rate['synthetic']} where {rate['published']} {rate['unit']} is published"
            found.append(f"{rate['name']}: {said}, outside {low} to {high} of it.")
    return found


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


def main() -> int:
    """Print the check and the rates; return 1 where either fails."""
    out = Path(sys.argv[1])
    result = check(out)
    rates = json.loads((out / "rates.json").read_text(encoding="utf-8"))["rates"]
    print(result)
    for rate in rates:
        print(f"{rate['name']}: {rate['synthetic']} ({rate['published']} {rate['unit']} published)")
    faults = result.faults() + rate_faults(rates)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
