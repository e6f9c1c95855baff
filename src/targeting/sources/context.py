"""What must be known of a delivery before a row of it can be read."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from targeting.errors import DataError
from targeting.records.contract import Contract
from targeting.sources.definition import AnyExtract, Source

DELIVERY = "delivery.toml"
EXAMPLE = "Expected a line such as `extracted_on = 2026-03-29`"


@dataclass(frozen=True)
class Delivery:
    """What an agency says of the files in one folder: on which day they were extracted, whether they are synthetic."""

    extracted_on: date
    synthetic: bool = False


@dataclass(frozen=True, kw_only=True)
class Context:
    """One file's source and date, and the rules by which its rows are read.

    `as_of` is the day of which the file speaks: nothing in it can have been known later. `census_year` is the year
    whose codes are in force, None for those of any year. `is_history` says that the file bears no dates of knowledge of
    its own and all of it was known on `as_of`, as in an annual return.
    """

    source: str
    as_of: date
    lag: timedelta
    contract: Contract
    identity_key: bytes
    census_year: int | None = None
    is_history: bool = False


def context_of(source: Source, extract: AnyExtract, as_of: date, contract: Contract, identity_key: bytes) -> Context:
    """Return how to read a file of one of a source's extracts that speaks of the day `as_of`."""
    return Context(
        source=source.name,
        as_of=as_of,
        lag=source.lag,
        contract=contract,
        identity_key=identity_key,
        census_year=as_of.year if extract.has_codes_by_year else None,
        is_history=extract.is_history,
    )


def read_delivery(folder: Path, place: str) -> Delivery:
    """Return what delivery.toml in an agency's folder says.

    Raises DataError, naming `place`, where it is missing or does not say when the files were extracted.
    """
    path = folder / DELIVERY
    if not path.is_file():
        message = f"{place}/{DELIVERY}: missing. {EXAMPLE}, by the agency that delivers the files."
        raise DataError(message)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{place}/{DELIVERY}: not TOML ({error}). {EXAMPLE}."
        raise DataError(message) from None
    return _delivery(content, f"{place}/{DELIVERY}")


def _delivery(content: dict[str, object], place: str) -> Delivery:
    unknown = sorted(set(content) - {"extracted_on", "synthetic"})
    if unknown:
        message = f"{place}: unknown key {', '.join(unknown)}. Those that exist: extracted_on, synthetic."
        raise DataError(message)
    extracted_on, synthetic = content.get("extracted_on"), content.get("synthetic", False)
    if type(extracted_on) is not date or not isinstance(synthetic, bool):
        message = f"{place}: {EXAMPLE}, a date without quotation marks, and optionally `synthetic = true`."
        raise DataError(message)
    return Delivery(extracted_on, synthetic)
