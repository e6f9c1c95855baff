"""Families on record of whom the model does not speak: how many a list would be about, were they in its cohort."""

from targeting.serving.contents import ApartPart, CountedApart
from targeting.serving.definition import ListKind, Panel
from targeting.serving.week import Week


def counted_apart(week: Week, panel: Panel, kind: ListKind) -> tuple[CountedApart, ...]:
    """Return the counts that `service.toml` asks for, as declared; a part counts those of its whole alone.

    Whom the model speaks of after all, as one does that was trained with another cohort, is in none.
    """
    theirs, in_cohort = week.outside_of(panel, kind), week.outside.in_cohort
    counted = []
    for each in week.service.counted_apart:
        whole, part = theirs & in_cohort[each.cohort], None
        if each.part is not None:
            of_part = int((whole & in_cohort[each.part.cohort]).sum())
            part = ApartPart(**each.part.model_dump(), families=of_part)
        counted.append(CountedApart(cohort=each.cohort, why=each.why, families=int(whole.sum()), part=part))
    return tuple(counted)
