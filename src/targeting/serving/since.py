"""What became of a list's families since the list before: where they stood, what moved them, what is new of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from targeting.models.points_model import is_by_points
from targeting.serving.changes import change, newly_recorded
from targeting.serving.contents import IndicatorValue, ListHead, Reason
from targeting.serving.drawing import Draw
from targeting.serving.ledger import Ranked, ledgers
from targeting.serving.moved import Change, Ledger
from targeting.serving.past import Before, Standing
from targeting.serving.replays import Replays
from targeting.store.blocks import Shard
from targeting.store.selection import select_families


@dataclass(frozen=True)
class Since:
    """By family: where it stood on the list before, and its ledger; neither where it was not considered then."""

    before: Before
    replays: Replays
    standings: Mapping[str, Standing | None]
    ledgers: Mapping[str, Ledger]

    def change(
        self, head: ListHead, family_id: str, reasons: Sequence[Reason], values: Sequence[IndicatorValue]
    ) -> Change:
        """Return what changed for a family since the list before."""
        told = change(head, self.before, self.standings[family_id], self.ledgers.get(family_id))
        kinds = {each.name: each.kinds for each in self.replays.week.plan.indicators}
        new = newly_recorded(reasons, values, kinds, self.before.known)
        return told.model_copy(update={"new_records": new})


def since_before(draw: Draw, shard: Shard) -> Since | None:
    """Return what became of the listed families, whom `shard` holds; None where no such list was published before.

    None too where points order the list: they are no margin to compare with a model's.
    """
    week = draw.week
    if week.made_from.past is None or is_by_points(week.made_from.bundle.model):
        return None
    before = week.made_from.past.before(
        week.as_of_date,
        model=week.service.model,
        panel=draw.panel.name,
        kind=draw.kind.name,
        now=week.made_from.generation,
    )
    if before is None:
        return None
    gone_on = before.gone_on_as(week.as_of_date)
    families = [str(each) for each in shard.family_ids]
    standings = {family: before.standing(family, gone_on.get(family, ())) for family in families}
    replays = Replays(week, before, _only(shard, [family for family in families if standings[family]]))
    return Since(before, replays, standings, _ledgers(draw, replays, standings))


def _only(shard: Shard, families: Sequence[str]) -> Shard:
    return select_families([shard], families) if 0 < len(families) < len(shard.family_ids) else shard


def _ledgers(draw: Draw, replays: Replays, standings: Mapping[str, Standing | None]) -> Mapping[str, Ledger]:
    week, capacity = draw.week, draw.kind.capacity(draw.panel)
    ranked = {
        str(week.matrix.family_id[row]): Ranked(week.matrix.values[row], float(week.margins[row]), place.rank, capacity)
        for place, row in zip(draw.listed, draw.listed_rows.tolist(), strict=True)
    }
    told = [(family, standing) for family, standing in sorted(standings.items()) if standing is not None]
    if not told:
        return {}
    made = ledgers(replays, [ranked[family] for family, _ in told], [standing for _, standing in told])
    return {family: each for (family, _), each in zip(told, made, strict=True)}
