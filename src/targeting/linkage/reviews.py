"""Pairs of records that somebody is asked about, and what was answered: kept in the staging database, by record alone.

An answer is never overwritten. The last one to a pair counts from its date on, in the next `link` and all that follow.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from targeting.errors import TargetingError
from targeting.linkage.answers import NO_ANSWERS
from targeting.linkage.protection import protected_records
from targeting.store.pseudonyms import pseudonyms
from targeting.store.staging import Staging

Said = Literal["one", "two", "unsure"]
ANSWERS: tuple[Said, ...] = get_args(Said)

DOUBTFUL = pa.schema([("record_id", pa.string()), ("other_record_id", pa.string()), ("weight", pa.float64())])
PAIRS = pa.schema([("pair", pa.string()), *DOUBTFUL])
TABLES = """
create table if not exists review_pairs (
    pair varchar, record_id varchar, other_record_id varchar, weight double);
create table if not exists review_answers (
    number bigint primary key, pair varchar, record_id varchar, other_record_id varchar, answer varchar,
    answered_on date, answered_by varchar);
create or replace view asked_pairs as
    select pair, record_id, other_record_id from review_pairs
    union select pair, record_id, other_record_id from review_answers;
"""
ANSWERED = """
insert into review_answers
select distinct coalesce((select max(number) from review_answers), 0) + 1, pair, record_id, other_record_id,
    $said, $on, $by
from asked_pairs where pair = $pair
"""
WAITING = """
select pair, record_id, other_record_id, weight from review_pairs
where not exists (
    select 1 from review_answers as said
    where said.record_id = review_pairs.record_id and said.other_record_id = review_pairs.other_record_id
)
order by weight desc, pair
"""
LAST_SAID = """
select record_id, other_record_id, answer = 'one' as is_one, answered_on
from review_answers where answer <> 'unsure' order by number
"""


@dataclass(frozen=True)
class Answer:
    """What somebody says of a pair: that its records are of one person, of two, or that nobody can tell."""

    pair: str
    said: Said
    answered_by: str
    answered_on: date


def keep_pairs(staging: Staging, pairs: pa.Table, identity_key: bytes) -> None:
    """Keep the pairs to be asked about, in place of those of before; by `DOUBTFUL`."""
    texts = [f"{row['record_id']}/{row['other_record_id']}" for row in pairs.to_pylist()]
    names = pseudonyms(pa.array(texts, pa.string()), identity_key, "review")
    connection = staging.connection
    connection.execute(TABLES)
    connection.execute("delete from review_pairs")
    with_names = pairs.add_column(0, "pair", names).select(PAIRS.names).cast(PAIRS)
    connection.register("incoming", with_names)
    connection.execute("insert into review_pairs by name select * from incoming")
    connection.unregister("incoming")


def waiting(staging: Staging) -> pa.Table:
    """Return the pairs that nobody has answered, by `PAIRS`, the likeliest first.

    A pair is withheld from the load that protects either record, before any `link`.
    """
    staging.connection.execute(TABLES)
    pairs, protected = staging.table(WAITING).cast(PAIRS), protected_records(staging)
    one, other = (pc.is_in(pairs[name], value_set=protected) for name in ("record_id", "other_record_id"))
    return pairs.filter(pc.invert(pc.or_(one, other)))


def answers(staging: Staging) -> pa.Table:
    """Return what was answered with one or two, by `NO_ANSWERS`, in the order in which it was."""
    staging.connection.execute(TABLES)
    return staging.table(LAST_SAID).cast(NO_ANSWERS)


def record_answers(staging: Staging, given: Sequence[Answer]) -> None:
    """Keep answers to pairs that are, or were, to be reviewed; all of them or none.

    Raises TargetingError with every answer that cannot be kept: nobody says who gives it, or the pair does not exist.
    """
    connection = staging.connection
    connection.execute(TABLES)
    known = {pair for (pair,) in connection.execute("select pair from asked_pairs").fetchall()}
    faults = [*_faults(given, known)]
    if faults:
        raise TargetingError("\n".join(faults))
    with staging.transaction():
        for answer in given:
            said = {
                "pair": answer.pair,
                "said": answer.said,
                "on": answer.answered_on,
                "by": answer.answered_by.strip(),
            }
            connection.execute(ANSWERED, said)


def _faults(given: Sequence[Answer], known: Collection[str]) -> Iterator[str]:
    if any(not answer.answered_by.strip() for answer in given):
        yield "An answer needs a name: who gives it? Say so with --as NAME."
    for pair in sorted({answer.pair for answer in given} - set(known)):
        yield f"{pair}: no such pair to be reviewed. `targeting link --review FILE` writes those that there are."
