"""Splink as its own first pages use it: its comparisons for names, dates and emails, its estimation, its clusters.

Nothing is tuned: the comparisons are the library's, the parameters are estimated on the records themselves, and records
are one person's where the estimated probability is .95 or more.
"""

import logging
from collections.abc import Sequence

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.95
COMPARED = {
    "given_name": lambda: cl.NameComparison("given_name"),
    "family_name": lambda: cl.NameComparison("family_name"),
    "date_of_birth": lambda: cl.DateOfBirthComparison("date_of_birth", input_is_string=True),
    "sex": lambda: cl.ExactMatch("sex"),
    "postcode": lambda: cl.ExactMatch("postcode"),
    "street": lambda: cl.JaroWinklerAtThresholds("street", [0.9]),
    "house_number": lambda: cl.ExactMatch("house_number"),
    "locality": lambda: cl.ExactMatch("locality").configure(term_frequency_adjustments=True),
    "email": lambda: cl.EmailComparison("email"),
    "nhs_number": lambda: cl.ExactMatch("nhs_number"),
}
SURE = ("given_name", "date_of_birth")


def persons_by_splink(
    records: pd.DataFrame, *, blocking: Sequence[tuple[str, ...]], truth_share: float = 0.7
) -> pd.Series:
    """Return the cluster of each record, by the index of `records`; columns by our names, all text."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    frame = records.assign(unique_id=range(len(records)))
    columns = [name for name in COMPARED if name in frame and frame[name].notna().any()]
    rules = [block_on(*keys) for keys in blocking if set(keys) <= set(columns)]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[COMPARED[name]() for name in columns],
        blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(DuckDBAPI().register(frame), settings, log_level=None)
    _train(linker, truth_share)
    scored = linker.inference.predict(threshold_match_probability=THRESHOLD / 2, warning_mode="never")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, THRESHOLD).as_pandas_dataframe()
    return clusters.set_index("unique_id")["cluster_id"].reindex(frame["unique_id"]).set_axis(records.index)


def _train(linker: Linker, truth_share: float) -> None:
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on(*SURE)], recall=truth_share)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for keys in (("given_name", "family_name"), ("date_of_birth",)):
        training.estimate_parameters_using_expectation_maximisation(block_on(*keys))
