"""Ids of persons and families: given once, kept in the staging database, never computed anew."""

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from targeting.store.pseudonyms import pseudonyms
from targeting.store.staging import Staging

Kind = Literal["person", "family"]
PREFIXES: dict[Kind, str] = {"person": "p_", "family": "f_"}

TABLE = "create table if not exists ids (kind varchar, founder varchar, id varchar, primary key (kind, founder))"
HELD = "select founder, id from ids where kind = $kind order by founder"
GIVE = "insert into ids select $kind, founder, id from given order by founder on conflict do nothing"


def founders(staging: Staging, kind: Kind) -> pa.Array:
    """Return all that has given an id so far: the first record of each person, the first person of each family."""
    return _held(staging, kind)["founder"].combine_chunks()


def ids_of(founders: pa.Array, *, staging: Staging, kind: Kind, identity_key: bytes) -> pa.Array:
    """Return the id of each founder: the one it has, else a new one, which it keeps from now on."""
    hashes = pseudonyms(founders, identity_key, kind)
    given = pa.table({"founder": founders, "id": pc.binary_join_element_wise(PREFIXES[kind], hashes, "")})
    staging.connection.execute(TABLE)
    staging.connection.register("given", given)
    staging.connection.execute(GIVE, {"kind": kind})
    staging.connection.unregister("given")
    held = _held(staging, kind)
    return held["id"].combine_chunks().take(pc.index_in(founders, value_set=held["founder"].combine_chunks()))


def _held(staging: Staging, kind: Kind) -> pa.Table:
    staging.connection.execute(TABLE)
    return staging.connection.sql(HELD, params={"kind": kind}).to_arrow_table()
