"""Which records are probably one person's, by Splink with declared parameters. The only module that imports it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from splink import DuckDBAPI, Linker

from targeting.linkage.agreement import CONDITIONS, SILENT, describe
from targeting.linkage.contradictions import COMPARED, NEVER_LINKED, NEVER_THOUGH_GARBLED
from targeting.linkage.definition import LEVELS, Comparison, Level, Linkage
from targeting.linkage.names import sound_of
from targeting.linkage.places import place_of
from targeting.linkage.protection import ACROSS

# Pairs of versions of different records that are probably one person's, how strongly, and from which day.
LINKS = pa.schema([("left", pa.int64()), ("right", pa.int64()), ("weight", pa.float64()), ("day", pa.int64())])

# A name's frequency is looked up by its sound, wherever the sound agrees.
SOUND_OF = {"given_name": "given_sound", "family_name": "family_sound", "locality": "locality"}
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


@dataclass(frozen=True)
class Judged:
    """Links, and pairs that nearly are: those a little too light, or alike in all but a garbled name; by `LINKS`."""

    links: pa.Table
    doubtful: pa.Table


def find_links(linker: Linker, connection: duckdb.DuckDBPyConnection, linkage: Linkage) -> Judged:
    """Return the links between versions of different records that share the keys of a blocking rule.

    Whether two versions are linked depends on those two and the declaration alone.
    """
    least = min(linkage.least_weight, linkage.review_weight)
    return _judged(connection, likely_pairs(linker, connection, least=least), linkage)


def likely_pairs(linker: Linker, connection: duckdb.DuckDBPyConnection, *, least: float) -> duckdb.DuckDBPyRelation:
    """Return the compared pairs of versions, by `LINKS`, of at least a weight, whatever contradicts them."""
    scored = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    columns = 'version_l as "left", version_r as "right", match_weight as weight, greatest(day_l, day_r) as day'
    return connection.table(scored.physical_name).project(columns)


def link_relatives(
    linker: Linker, connection: duckdb.DuckDBPyConnection, linkage: Linkage, candidates: pa.Table
) -> Judged:
    """Return the links among candidates: pairs `left, right` of one person's relatives, known on `day`."""
    if not len(candidates):
        return Judged(LINKS.empty_table(), LINKS.empty_table())
    least = min(linkage.least_weight, linkage.review_weight) - linkage.kin_weight
    weights = weighed(linker, connection, candidates, least=least)
    connection.register("candidates", candidates)
    pairs = weights.set_alias("weights").join(
        connection.table("candidates").set_alias("candidates"),
        'weights."left" = candidates."left" and weights."right" = candidates."right"',
    )
    columns = f'weights."left", weights."right", weight + {linkage.kin_weight!r} as weight, candidates.day'
    judged = _judged(connection, pairs.project(columns), linkage)
    connection.unregister("candidates")
    return judged


def weighed(
    linker: Linker, connection: duckdb.DuckDBPyConnection, pairs: pa.Table, *, least: float | None = None
) -> duckdb.DuckDBPyRelation:
    """Return the pairs `left, right` of versions with their match `weight`, those of at least `least`."""
    keyed = pairs.select(["left", "right"]).rename_columns(["join_key_l", "join_key_r"])
    keyed = keyed.add_column(0, "match_key", pa.repeat("0", len(keyed)))
    linker.table_management.register_blocked_pairs_for_predict(DuckDBAPI(connection=connection).register(keyed))
    scored = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    columns = 'version_l as "left", version_r as "right", match_weight as weight'
    return connection.table(scored.physical_name).project(columns)


def _judged(connection: duckdb.DuckDBPyConnection, pairs: duckdb.DuckDBPyRelation, linkage: Linkage) -> Judged:
    pairs.create_view("weighed_pairs", replace=True)
    judged = connection.sql(
        f"""
        select "left", "right", weight, "day", weight >= $least and not {NEVER_LINKED} as is_link
        from ({describe("weighed_pairs", COMPARED)})
        where not {NEVER_THOUGH_GARBLED} order by "left", "right"
        """,  # noqa: S608 - made of conditions of our own
        params={"least": linkage.least_weight},
    ).to_arrow_table()
    links = judged["is_link"]
    return Judged(*(judged.filter(those).select(LINKS.names).cast(LINKS) for those in (links, pc.invert(links))))


def settings_of(linkage: Linkage) -> dict[str, Any]:
    """Return the declaration as Splink's settings."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "version",
        "probability_two_random_records_match": linkage.prior,
        "comparisons": [_comparison(comparison) for comparison in linkage.comparisons],
        "blocking_rules_to_generate_predictions": [_blocking_rule(keys) for keys in linkage.blocking],
        "retain_matching_columns": False,
        "additional_columns_to_retain": ["day"],
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
    equal = [f"l.{column} = r.{column}" for column in map(column_of, keys)]
    return " and ".join([*equal, "l.record <> r.record", f"not {ACROSS}"])


def column_of(key: str) -> str:
    """Return the column of `versions` that a blocking key is read from."""
    return COLUMN_OF.get(key, key)


def _frequencies(linkage: Linkage, kind: str, column: str) -> pa.Table:
    """Return the share of records that bear each name that has a declared frequency, by the name as it is compared."""
    shares: dict[str, float] = {}
    for name, share in linkage.name_frequencies.get(kind, {}).items():
        written = _as_compared(kind, name)
        shares[written] = shares.get(written, 0.0) + share
    return pa.table({column: pa.array(shares, pa.string()), f"tf_{column}": pa.array(shares.values(), pa.float64())})


def _as_compared(kind: str, name: str) -> str:
    return place_of(name) or "" if kind == "locality" else " ".join(map(sound_of, name.casefold().split()))


@dataclass(frozen=True)
class Trained:
    """What was estimated: the prior, and m and u by comparison and level, None where a level was never seen."""

    prior: float
    levels: Mapping[tuple[str, str], Mapping[str, float | None]]

    def of(self, comparison: str, letter: str) -> Mapping[str, float | None]:
        """Return m or u by level."""
        return self.levels[comparison, letter]


# Pairs that agree so are of one person nearly always, and so do four pairs in five of one person.
SURE = ("l.nhs_number = r.nhs_number", "l.upn = r.upn", "l.born = r.born and l.name_sounds = r.name_sounds")
SURE_SHARE = 0.8
# m is estimated among pairs that agree so, for all that is compared besides.
TRAINED_ON = ("l.born = r.born", "l.name_sounds = r.name_sounds and l.dwelling = r.dwelling")
PAIRS_FOR_U, SEED = 2_000_000, 1


def train(
    connection: duckdb.DuckDBPyConnection, table: str, linkage: Linkage, *, random_pairs: int = PAIRS_FOR_U
) -> Trained:
    """Return the parameters that the records of a table suggest, u from so many random pairs."""
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register(table), _untrained(settings_of(linkage)), log_level=None, validate_settings=False)
    # Levels that nobody reaches are no fault: they are said in the declaration.
    logging.getLogger("splink").setLevel(logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match(list(SURE), recall=SURE_SHARE)
    # All of the pairs are counted: Splink would stop once it had seen a hundred of the rarest level.
    training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=SEED, min_count_per_level=None, num_chunks=1)
    for rule in TRAINED_ON:
        training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    model = linker.misc.save_model_to_json()
    found = {
        (comparison.of, letter): _levels_of(comparison, model, letter)
        for comparison in linkage.comparisons
        for letter in ("m", "u")
    }
    return Trained(float(model["probability_two_random_records_match"]), found)


def _untrained(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings without probabilities: a level that is never seen is then told from one that was."""
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            level.pop("m_probability", None)
            level.pop("u_probability", None)
    return settings


def _levels_of(comparison: Comparison, model: Mapping[str, Any], letter: str) -> dict[str, float | None]:
    levels = next(c["comparison_levels"] for c in model["comparisons"] if c["output_column_name"] == comparison.of)
    named = {level["label_for_charts"]: level.get(f"{letter}_probability") for level in levels}
    return {level.name: named.get(level.name) for level in comparison.levels}
