"""What governance's pages say of the watch on a model: what was compared, and what is no longer as when it learnt."""

from collections.abc import Mapping
from dataclasses import dataclass

from targeting.features.plan import plan_from_json
from targeting.models.bundle import Bundle
from targeting.models.watched import Finding, Standing, Watch
from targeting.serving.governance.models_held import Version
from targeting.serving.pages.words import capitalised
from targeting.serving.sentences import count_of, in_words

STANDINGS: Mapping[Standing, str] = {
    "below the floor": "Below the floor",
    "feed outage": "A feed is in doubt",
    "changed": "Changed",
    "cannot tell": "Cannot tell yet",
    "as before": "As before",
}
INDICATOR = "indicator "
NEVER = "Nobody has watched this version yet"


@dataclass(frozen=True)
class FindingSaid:
    """One thing that was watched, how it stands, and what was seen, in words."""

    what: str
    standing: str
    detail: str


@dataclass(frozen=True)
class WatchSaid:
    """The latest watch on a version: when, in short, finding by finding; `earlier` has a line for each one before."""

    in_short: str
    findings: tuple[FindingSaid, ...]
    earlier: tuple[str, ...]


def watch_said(version: Version) -> WatchSaid:
    """Return what the watch saw of a version last, what somebody should look at first; that there was none, if so."""
    if not version.watches:
        return WatchSaid(version.watch_fault or NEVER, (), ())
    last, *before = version.watches
    names = _descriptions(version.bundle)
    order = list(STANDINGS)
    findings = sorted(last.findings, key=lambda each: order.index(each.standing))
    return WatchSaid(
        in_short=_in_short(last),
        findings=tuple(_finding_said(each, names) for each in findings),
        earlier=tuple(_in_short(each) for each in before),
    )


def _in_short(watch: Watch) -> str:
    found = len(watch.not_as_before)
    seen = f"{count_of(found, 'thing')} to look at" if found else "nothing to look at"
    return f"As of {in_words(watch.as_of_date)}, watched on {in_words(watch.on)}: {seen}"


def _finding_said(finding: Finding, descriptions: Mapping[str, str]) -> FindingSaid:
    what = finding.what
    if what.startswith(INDICATOR):
        name = what.removeprefix(INDICATOR)
        what = f"{descriptions[name]} (`{name}`)" if name in descriptions else what
    return FindingSaid(capitalised(what), STANDINGS[finding.standing], finding.detail)


def _descriptions(bundle: Bundle) -> Mapping[str, str]:
    return {each.name: each.description for each in plan_from_json(bundle.plan_json).indicators}
