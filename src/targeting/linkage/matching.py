"""Which records are probably one person's, by Splink with declared parameters. The only module that imports it."""

from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from targeting.linkage.agreement import CONDITIONS, NEVER_LINKED, SILENT, columns_of
from targeting.linkage.definition import LEVELS, Comparison, Level, Linkage
from targeting.linkage.names import sound_of

# Pairs of versions of different records that are probably one person's, how strongly, and from which day.
LINKS = pa.schema([("left", pa.int64()), ("right", pa.int64()), ("weight", pa.float64()), ("day", pa.int64())])

# A name's frequency is looked up by its sound, wherever the sound agrees.
SOUND_OF = {"given_name": "given_sound", "family_name": "family_sound"}
WEIGHED_BY_FREQUENCY = ("exact", "sounds_alike")

COLUMN_OF = {"date_of_birth": "born", "given_sound": "given_key"}


def make_linker(connection: duckdb.DuckDBPyConnection, linkage: Linkage) -> Linker:
    """Return Splink's linker over the table `versions`, with the declared parameters and name frequencies."""
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register("versions"), settings_of(linkage), log_level=None, validate_settings=False)
    for kind, column in SOUND_OF.items():
        table = api.register(_frequencies(linkage, kind, column))
        linker.table_management.register_term_frequency_lookup(table, column)
    return linker


def find_links(linker: Linker, connection: duckdb.DuckDBPyConnection, linkage: Linkage) -> pa.Table:
    """Return the links, by `LINKS`, between versions of different records that share the keys of a blocking rule.

    Whether two versions are linked depends on those two and the declaration alone.
    """
    scored = linker.inference.predict(threshold_match_weight=linkage.least_weight, warning_mode="never")
    links = connection.table(scored.physical_name).filter(f"not {NEVER_LINKED}")
    return _ordered(links.project("version_l, version_r, match_weight, greatest(day_l, day_r) as day"))


def link_relatives(
    linker: Linker, connection: duckdb.DuckDBPyConnection, linkage: Linkage, candidates: pa.Table
) -> pa.Table:
    """Return the links, by `LINKS`, among candidates: pairs `left, right` of one person's relatives, known on `day`."""
    pairs = candidates.select(["left", "right"]).rename_columns(["join_key_l", "join_key_r"])
    pairs = pairs.add_column(0, "match_key", pa.repeat("0", len(pairs)))
    linker.table_management.register_blocked_pairs_for_predict(DuckDBAPI(connection=connection).register(pairs))
    least = linkage.least_weight - linkage.kin_weight
    scored = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    links = connection.table(scored.physical_name).filter(f"not {NEVER_LINKED}").set_alias("scored")
    connection.register("candidates", candidates)
    dated = links.join(connection.table("candidates"), 'version_l = "left" and version_r = "right"')
    return _ordered(dated.project(f"version_l, version_r, match_weight + {linkage.kin_weight!r}, candidates.day"))


def _ordered(links: duckdb.DuckDBPyRelation) -> pa.Table:
    return (
        links.to_arrow_table()
        .rename_columns(LINKS.names)
        .cast(LINKS)
        .sort_by([("left", "ascending"), ("right", "ascending")])
    )


def settings_of(linkage: Linkage) -> dict[str, Any]:
    """Return the declaration as Splink's settings."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "version",
        "probability_two_random_records_match": linkage.prior,
        "comparisons": [_comparison(comparison) for comparison in linkage.comparisons],
        "blocking_rules_to_generate_predictions": [_blocking_rule(keys) for keys in linkage.blocking],
        # What keeps two persons apart is read from the values themselves.
        "retain_matching_columns": True,
        "additional_columns_to_retain": ["day", *columns_of(NEVER_LINKED)],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    silent = {"sql_condition": SILENT[comparison.of], "is_null_level": True, "label_for_charts": "silent"}
    levels = [_level(comparison.of, level) for level in _in_order(comparison)]
    return {"output_column_name": comparison.of, "comparison_levels": [silent, *levels]}


def _in_order(comparison: Comparison) -> list[Level]:
    return sorted(comparison.levels, key=lambda level: LEVELS[comparison.of].index(level.name))


def _level(of: str, level: Level) -> dict[str, Any]:
    settings = {
        "sql_condition": CONDITIONS[of].get(level.name, "ELSE"),
        "label_for_charts": level.name,
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if of in SOUND_OF and level.name in WEIGHED_BY_FREQUENCY:
        settings |= {"tf_adjustment_column": SOUND_OF[of], "disable_tf_exact_match_detection": True}
    return settings


def _blocking_rule(keys: tuple[str, ...]) -> str:
    columns = [COLUMN_OF.get(key, key) for key in keys]
    return " and ".join([*(f"l.{column} = r.{column}" for column in columns), "l.record <> r.record"])


def _frequencies(linkage: Linkage, kind: str, column: str) -> pa.Table:
    """Return the share of records whose name has each of the sounds that have a declared frequency."""
    shares: dict[str, float] = {}
    for name, share in linkage.name_frequencies.get(kind, {}).items():
        sound = " ".join(map(sound_of, name.casefold().split()))
        shares[sound] = shares.get(sound, 0.0) + share
    return pa.table({column: pa.array(shares, pa.string()), f"tf_{column}": pa.array(shares.values(), pa.float64())})
