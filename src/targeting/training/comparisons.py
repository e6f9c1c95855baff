"""The model beside every other way to order the list: which it clearly beats, and whether it may be deployed.

The rule is declared before training (`[gates]`): the model must be clearly better than what a panel could do by hand,
and not clearly worse than anything else, the model in use included. Where it is not, the points rule orders the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from targeting.training.baselines import CHAMPION, COUNT, EXPLAINABLE_BOOSTING, LAST_LIST, POINTS
from targeting.training.definition import GateLimits
from targeting.training.evaluation import Evaluation, percentiles
from targeting.training.gates import Gate

MEASURE = "average_precision"
_WORDS = {
    POINTS: "points rule",
    COUNT: "number of earlier referrals",
    EXPLAINABLE_BOOSTING: "explainable boosting machine",
    CHAMPION: "model in use",
    LAST_LIST: "order of the last list",
}
# So small a share of the other's average precision is no difference to a panel.
_ABOUT_AS_GOOD = 0.01
_NOTHING_BY_HAND = "no order that a panel could make by hand stands beside it"
Order = Literal["model", "points_rule", "none"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The model beside one other order: the difference in average precision, with its interval over pairs.

    `clearly_better`: the whole interval lies above 0. `not_worse`: it lies above -`margin`, the most that may be lost.
    """

    other: str
    ours: float
    theirs: float
    difference: float
    low: float
    high: float
    margin: float

    @property
    def clearly_better(self) -> bool:
        """Return whether the model is better beyond chance."""
        return self.low > 0

    @property
    def not_worse(self) -> bool:
        """Return whether the model is not worse by more than the margin, beyond chance."""
        return self.low > -self.margin

    def to_json(self) -> dict[str, object]:
        """Return what is written as evidence."""
        return {**asdict(self), "clearly_better": self.clearly_better, "not_worse": self.not_worse}

    def __str__(self) -> str:
        name = self.other.replace("_", " ")
        return f"{name} {self.theirs:.4f}, difference {self.difference:+.4f} ({self.low:+.4f} to {self.high:+.4f})"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the model may order the list, and what orders it where it may not."""

    deploy: bool
    order: Order
    sentence: str
    comparisons: tuple[Comparison, ...]

    def to_json(self) -> dict[str, object]:
        """Return what is written as evidence."""
        return {
            "deploy": self.deploy,
            "order": self.order,
            "sentence": self.sentence,
            "measure": MEASURE,
            "comparisons": [each.to_json() for each in self.comparisons],
        }


def compare(ours: Evaluation, others: Mapping[str, Evaluation], limits: GateLimits) -> tuple[Comparison, ...]:
    """Return the model beside each other order, by a bootstrap of families that draws both from the same families."""
    return tuple(_compare(ours, name, theirs, limits) for name, theirs in sorted(others.items()))


def _compare(ours: Evaluation, name: str, theirs: Evaluation, limits: GateLimits) -> Comparison:
    low, high = percentiles(ours.drawn[MEASURE] - theirs.drawn[MEASURE])
    own, other = ours.pooled[MEASURE], theirs.pooled[MEASURE]
    return Comparison(
        other=name,
        ours=own,
        theirs=other,
        difference=own - other,
        low=low,
        high=high,
        margin=limits.not_worse_by * other,
    )


def beats_by_hand(comparisons: Sequence[Comparison], limits: GateLimits) -> Gate:
    """Pass where the model is clearly better than each order that a panel could make by hand; there must be one."""
    held = [each for each in comparisons if each.other in limits.clearly_beaten]
    if not held:
        return Gate(
            "beats_by_hand", False, f"{_NOTHING_BY_HAND.capitalize()}. Declare a count or points in [baselines]."
        )
    unbeaten = [each.other for each in held if not each.clearly_better]
    return Gate("beats_by_hand", not unbeaten, _detail(held, "Not clearly beaten", unbeaten))


def not_worse(comparisons: Sequence[Comparison], limits: GateLimits) -> Gate:
    """Pass where the model is not clearly worse than a simpler model, nor than the one in use."""
    held = [each for each in comparisons if each.other not in limits.clearly_beaten]
    worse = [each.other for each in held if not each.not_worse]
    allowed = f" At most {limits.not_worse_by:.0%} of the other's may be lost."
    return Gate("not_worse", not worse, _detail(held, "Perhaps worse than", worse) + allowed)


def _detail(held: Sequence[Comparison], complaint: str, named: Sequence[str]) -> str:
    if not held:
        return "None is declared."
    ending = f" {complaint}: {', '.join(named).replace('_', ' ')}." if named else ""
    return f"Average precision {held[0].ours:.4f}; {'; '.join(map(str, held))}.{ending}"


def verdict(comparisons: tuple[Comparison, ...], limits: GateLimits, *, points_declared: bool) -> Verdict:
    """Return whether the model may be deployed; without that the declared points rule is the list's order."""
    reasons = _reasons_against(comparisons, limits)
    if not reasons:
        return Verdict(deploy=True, order="model", sentence=_may_deploy(comparisons), comparisons=comparisons)
    order: Order = "points_rule" if points_declared else "none"
    instead = "The points rule is the list's order." if points_declared else "No points rule is declared instead."
    return Verdict(
        deploy=False,
        order=order,
        sentence=f"Do not deploy: {'; '.join(reasons)}. {instead}",
        comparisons=comparisons,
    )


def _reasons_against(comparisons: Sequence[Comparison], limits: GateLimits) -> list[str]:
    by_hand = [each for each in comparisons if each.other in limits.clearly_beaten]
    worse = [each for each in comparisons if each not in by_hand and not each.not_worse]
    return [
        *([] if by_hand else [_NOTHING_BY_HAND]),
        *(f"it does not clearly beat the {_words(each)}" for each in by_hand if not each.clearly_better),
        *(f"it may be worse than the {_words(each)} by more than is allowed ({_at_worst(each)})" for each in worse),
    ]


def _may_deploy(comparisons: Sequence[Comparison]) -> str:
    clear = [_words(each) for each in comparisons if each.clearly_better]
    behind = [each for each in comparisons if -each.difference >= _ABOUT_AS_GOOD * each.theirs]
    even = [_words(each) for each in comparisons if not each.clearly_better and each not in behind]
    said = [f"The model may order the list: it clearly beats the {_and(clear)}."]
    if even:
        said.append(f"It is not clearly better than the {_and(even)}, whose list would be about as good.")
    said += [_behind(each) for each in behind]
    if even or behind:
        said.append("Whoever signs accepts that no more than this is gained.")
    return " ".join(said)


def _at_worst(comparison: Comparison) -> str:
    """Return what may be lost, and whether more outcomes could show that it is not."""
    lost, allowed = -comparison.low / comparison.theirs, comparison.margin / comparison.theirs
    open_question = "; more outcomes would tell" if comparison.high > -comparison.margin else ""
    return f"{lost:.0%} of its average precision may be lost, {allowed:.0%} is allowed{open_question}"


def _behind(comparison: Comparison) -> str:
    """Return how much better another order was, and whether that may be chance."""
    more, allowed = -comparison.difference / comparison.theirs, comparison.margin / comparison.theirs
    chance = "beyond chance" if comparison.high < 0 else "which may be chance"
    return (
        f"Here the {_words(comparison)} had the better list: the model loses {more:.1%} of its average precision, "
        f"{chance}; up to {allowed:.0%} is allowed. Ask for the reason, and whether the simpler order should be kept."
    )


def _words(comparison: Comparison) -> str:
    return _WORDS.get(comparison.other, comparison.other.replace("_", " "))


def _and(names: Sequence[str]) -> str:
    return " and the ".join((", the ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
