"""`targeting bench audit`: the audit's clustered bootstrap beside plain ones, in one run on the same rows.

A district of families with one to four children each, in 20 groups, judged by 12 measures at 3 cuts, with 1,000
resamples of whole families:

- ours: families alike are one kind, and a multinomial draw says how many of each kind there are;
- numpy: families drawn one by one, and the rows of those drawn counted again for every cut, as one would write it;
- numpy, coded: the same with every row's cell of the table coded beforehand, so that a resample is one count;
- fairlearn: `MetricFrame(n_boot=...)`, which resamples rows and not families.

The peers draw few resamples, and their time is scaled up. Beside the time stands the middle ratio of our standard
errors to those of the plain bootstrap.

Ours and numpy take turns, and the middle of their rounds counts. `make evidence-audit` writes the full size to
`docs/evidence/audit.json` and fails where plain numpy takes less than fifty times ours.
"""

import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from targeting.commands.bench import OURS, Row, compared
from targeting.fairness.clusters import clusters
from targeting.fairness.counts import Counts, Patterns, counts_from, patterns, quantities, with_everyone
from targeting.fairness.metrics import RATES

Progress = Callable[[str, int, int], None]

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "audit.json"
AIM, ROUNDS = 50.0, 5
MEASURES = tuple(RATES)[:12]
GROUPS, RESAMPLES, SEED = 20, 1_000, 1
SCALES = {"small": 10_000, "full": 100_000}
# Of the peers so many resamples are drawn and the time scaled up to all of them.
PLAIN_RESAMPLES, FAIRLEARN_RESAMPLES = {"small": 40, "full": 40}, {"small": 2, "full": 2}
FAIRLEARN_MEASURES = ("selection_rate", "tpr", "fpr", "fnr", "tnr")


@dataclass(frozen=True)
class District:
    """Rows of children: family, group, outcome, and whether each cut lists them."""

    family: NDArray[np.int64]
    group: NDArray[np.int64]
    label: NDArray[np.int64]
    listed: Sequence[NDArray[np.bool_]]

    @property
    def patterns(self) -> Patterns:
        """The ways in which rows are listed."""
        return patterns(self.listed)


def district(families: int) -> District:
    """Return children in families: one child in twenty is of another group than the rest; outcomes are a family's."""
    random = np.random.default_rng(SEED)
    family = np.repeat(np.arange(families), random.choice([1, 2, 3, 4], families, p=[0.35, 0.4, 0.15, 0.1]))
    share = random.dirichlet(np.full(GROUPS, 0.8))
    of_family = random.choice(GROUPS, families, p=share)
    other = random.random(len(family)) < 0.05
    group = np.where(other, random.choice(GROUPS, len(family), p=share), of_family[family])
    score = (random.normal(size=families) + 0.3 * random.normal(size=families))[family]
    label = (random.random(families)[family] < 1 / (1 + np.exp(4.5 - 1.4 * score))).astype(np.int64)
    listed = [score >= np.quantile(score, 1 - top) for top in (0.01, 0.05, 0.1)]
    return District(family.astype(np.int64), group.astype(np.int64), label, listed)


def ours(made: District, resamples: int) -> Counts:
    """Return counts of every resample by our bootstrap, the reduction to kinds of family included."""
    held = clusters(made.family, made.group, made.label, made.patterns, GROUPS)
    return _measured(held.resampled(resamples, (SEED,)))


def _rows_drawn(made: District, resamples: int) -> Iterator[NDArray[np.int64]]:
    """Return, for each resample, the rows of families drawn with replacement; rows lie family by family."""
    random = np.random.default_rng(SEED)
    start = np.searchsorted(made.family, np.arange(made.family.max() + 2))
    for _ in range(resamples):
        drawn = random.integers(0, len(start) - 1, len(start) - 1)
        size = start[drawn + 1] - start[drawn]
        yield np.repeat(start[drawn] - np.append(0, np.cumsum(size)[:-1]), size) + np.arange(size.sum())


def plain(made: District, resamples: int) -> Counts:
    """Return counts of every resample by counting the rows drawn, cut by cut."""
    found = []
    for rows in _rows_drawn(made, resamples):
        group, label = made.group[rows], made.label[rows].astype(float)
        listed = [cut[rows].astype(float) for cut in made.listed]
        columns = [np.ones(len(rows)), label, *listed, *(label * each for each in listed)]
        by_group = [np.bincount(group, weights=column, minlength=GROUPS) for column in columns]
        found.append(with_everyone(np.column_stack(by_group)))
    return _measured(counts_from(np.array(found)))


def coded(made: District, resamples: int) -> Counts:
    """Return the same, each row's cell of the table coded beforehand."""
    patterned = made.patterns
    shape = (GROUPS, len(patterned.listed), 2)
    cell = (made.group * shape[1] + patterned.of_row) * 2 + made.label
    atoms = [np.bincount(cell[rows], minlength=np.prod(shape)) for rows in _rows_drawn(made, resamples)]
    return _measured(
        counts_from(with_everyone(quantities(np.array(atoms, dtype=float).reshape(-1, *shape), patterned.listed)))
    )


def _measured(counts: Counts) -> Counts:
    for name in MEASURES:
        counts.rate(name)
    return counts


def fairlearns(made: District, resamples: int) -> None:
    """Let fairlearn resample the rows, at one cut. Raises ImportError where it is absent."""
    from fairlearn import metrics  # noqa: PLC0415 - a peer, in the extra `test`

    of = (metrics.selection_rate, metrics.true_positive_rate, metrics.false_positive_rate)
    of = (*of, metrics.false_negative_rate, metrics.true_negative_rate)
    metrics.MetricFrame(
        metrics=dict(zip(FAIRLEARN_MEASURES, of, strict=True)),
        y_true=made.label,
        y_pred=made.listed[-1].astype(int),
        sensitive_features=made.group,
        n_boot=resamples,
        ci_quantiles=[0.025, 0.975],
        random_state=SEED,
    )


def run(scale: str, project: object = None, progress: Progress | None = None) -> list[Row]:  # noqa: ARG001
    """Return the rows of the benchmark: seconds for 1,000 resamples, and how far our spread is from the plain one."""
    families, told = SCALES[scale], progress or (lambda _what, _done, _total: None)
    case = f"{families:,} families, {GROUPS} groups, {len(MEASURES)} measures, 3 cuts, {RESAMPLES:,} resamples"
    made, drawn_of_plain = district(families), PLAIN_RESAMPLES[scale]
    rounds = []
    for number in range(ROUNDS):
        told("ours and plain ones, in turns", number, ROUNDS + 1)
        rounds.append(_in_turns(made, drawn_of_plain))
    seconds = [statistics.median(each) for each in zip(*(taken for taken, _ in rounds), strict=True)]
    told("fairlearn", ROUNDS, ROUNDS + 1)
    return [
        _row(case, OURS, seconds[0]),
        _row(case, f"numpy, from {drawn_of_plain} resamples", seconds[1]),
        _row(case, f"numpy, coded, from {drawn_of_plain} resamples", seconds[2]),
        *_of_fairlearn(made, case, FAIRLEARN_RESAMPLES[scale]),
        Row("audit", "standard errors, ours over numpy's", OURS, round(rounds[0][1], 3), "times"),
    ]


def _in_turns(made: District, drawn_of_plain: int) -> tuple[list[float], float]:
    """Return the seconds of ours, of plain numpy and of coded numpy, and our standard errors over plain numpy's."""
    scaled = RESAMPLES / drawn_of_plain
    own, drawn = _timed(lambda: ours(made, RESAMPLES), 1)
    theirs, plainly = _timed(lambda: plain(made, drawn_of_plain), scaled)
    cleverly, _ = _timed(lambda: coded(made, drawn_of_plain), scaled)
    return [own, theirs, cleverly], _apart(drawn, plainly)


def _of_fairlearn(made: District, case: str, resamples: int) -> list[Row]:
    """Return fairlearn's row, scaled up to all measures and cuts; none, and a word on standard error, without it."""
    scaled = RESAMPLES / resamples * len(MEASURES) / len(FAIRLEARN_MEASURES) * len(made.listed)
    try:
        seconds, _ = _timed(lambda: fairlearns(made, resamples), scaled)
    except ImportError:
        sys.stderr.write("fairlearn is absent, and so is its row: install targeting[mitigate].\n")
        return []
    return [_row(case, f"fairlearn, rows, from {resamples} resamples", seconds)]


def _timed(work: Callable[[], Counts | None], times: float) -> tuple[float, Counts | None]:
    """Return processor seconds, all threads together, so that what else the machine does is not counted."""
    started = time.process_time()
    found = work()
    return (time.process_time() - started) * times, found


def _row(case: str, subject: str, seconds: float) -> Row:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Row("audit", case, subject, round(seconds, 3), "s", round(peak))


def _apart(own: Counts | None, other: Counts | None) -> float:
    """Return the middle ratio of our standard errors to the plain ones, over everyone's measures and cuts."""
    if own is None or other is None:
        return float("nan")
    ratios = [own.rate(name)[:, -1].std(axis=0) / other.rate(name)[:, -1].std(axis=0) for name in ("tpr", "ppv", "fpr")]
    return float(np.median(ratios))


def main() -> int:
    """Measure at full size and write the evidence; return 1 where the aim is missed."""
    from targeting.commands.clock import today  # noqa: PLC0415 - the benchmark itself needs no clock

    rows = compared(run("full"))
    ratio = next(row.ratio_to_ours for row in rows if row.subject.startswith("numpy, from")) or 0.0
    content = {
        "command": "make evidence-audit",
        "date": today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "other_work_at_the_time": f"{os.getloadavg()[0]:.1f} processes ready to run, this one included",
        "versions": {name: version(name) for name in ("targeting", "numpy", "scipy", "fairlearn")},
        "measured": f"processor seconds, the middle of {ROUNDS} rounds; fairlearn once",
        "aim": f"{AIM:g} times plain numpy",
        "rows": [asdict(row) for row in rows],
    }
    EVIDENCE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{ratio} times plain numpy. Written to {EVIDENCE}\n")
    return 0 if ratio >= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
