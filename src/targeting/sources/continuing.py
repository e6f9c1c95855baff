"""Periods of care that began in an earlier return: an end is given the name of the start that it ends.

An annual return tells only of the episodes of its year. A period that goes on over the 31st of March begins in one
return and ends in another, which knows no more than the episode that was open. So, once a return is recorded, each end
without a start of its own ends the child's last period before it, of whatever return, unless that has ended already;
in whatever order returns are loaded. What the return itself named is kept, so that a correction finds it again.
"""

from targeting.store.staging import Staging

STARTS, ENDS = "facts_care_started", "facts_care_ended"

NAMED = "create table if not exists named_by_return (source varchar, fact_id bigint, episode_id varchar)"

AS_NAMED = f"""
update {ENDS} set episode_id = named.episode_id from named_by_return as named
where {ENDS}.source = $source and named.source = $source and {ENDS}.fact_id = named.fact_id
"""  # noqa: S608 - made of constants alone.
FORGET = "delete from named_by_return where source = $source"

# Ends that no start bears the name of, with the last start of the child's up to then. A period ends once.
CONTINUED = f"""
create or replace temp table continued as
with starts as (from {STARTS} where source = $source and superseded_on is null),
ends as (from {ENDS} where source = $source and superseded_on is null),
alone as (from ends where (record_id, episode_id) not in (select (record_id, episode_id) from starts))
select alone.fact_id, alone.episode_id as named, starts.episode_id
from alone asof join starts on alone.record_id = starts.record_id and alone.event_date >= starts.event_date
where not exists (
    from ends where ends.record_id = alone.record_id and ends.episode_id = starts.episode_id
        and ends.event_date <= alone.event_date
)
qualify row_number() over (partition by alone.record_id, starts.episode_id order by alone.event_date, alone.fact_id) = 1
"""  # noqa: S608 - made of constants alone.
KEEP = "insert into named_by_return select $source, fact_id, named from continued"
CONTINUE = f"""
update {ENDS} set episode_id = continued.episode_id from continued where {ENDS}.fact_id = continued.fact_id
"""  # noqa: S608 - made of constants alone.


def name_as_returned(staging: Staging, source: str) -> None:
    """Give every end back the name that its own return gave it, before another return of the source is recorded."""
    staging.connection.execute(NAMED)
    if "care_ended" in staging.fact_kinds():
        staging.connection.execute(AS_NAMED, {"source": source})
    staging.connection.execute(FORGET, {"source": source})


def continue_periods(staging: Staging, source: str) -> None:
    """Give each end without a start of its own the name of the period that it ends."""
    if not {"care_started", "care_ended"} <= set(staging.fact_kinds()):
        return
    staging.connection.execute(CONTINUED, {"source": source})
    staging.connection.execute(KEEP, {"source": source})
    staging.connection.execute(CONTINUE)
