"""Which files an agency delivered, and which extract says what each holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from targeting.errors import DataError
from targeting.sources.context import DELIVERY, Delivery, read_delivery
from targeting.sources.definition import AnyExtract, Source


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery and the extract that says what it holds; `place` names it below the extracts' folder."""

    path: Path
    place: str
    source: Source
    extract: AnyExtract
    delivery: Delivery


@dataclass(frozen=True)
class Found:
    """The files to load, what stands in the way of others, and what someone should look at."""

    files: tuple[DeliveredFile, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def delivered_files(extracts: Path, sources: Sequence[Source]) -> Found:
    """Return the files of all sources below `extracts`, by source and name.

    Raises DataError where no source has a folder there.
    """
    present = [source for source in sources if (extracts / source.folder).is_dir()]
    if not present:
        folders = ", ".join(sorted(source.folder for source in sources)) or "none, as no source is declared"
        message = f"{extracts}: no folder of any agency. Expected one or more of: {folders}."
        raise DataError(message)
    absent = [source.folder for source in sources if source not in present]
    found = [_files_of(extracts, source) for source in present]
    return Found(
        files=tuple(file for one in found for file in one.files),
        faults=tuple(fault for one in found for fault in one.faults),
        warnings=(
            *((f"no folder for {', '.join(absent)}: nothing of theirs is loaded.",) if absent else ()),
            *(warning for one in found for warning in one.warnings),
        ),
    )


def _files_of(extracts: Path, source: Source) -> Found:
    folder = extracts / source.folder
    try:
        delivery = read_delivery(folder, source.folder)
    except DataError as error:
        return Found((), (str(error),), ())
    files: list[DeliveredFile] = []
    faults: list[str] = []
    warnings = [
        f"{source.folder}: no file {extract.file} in this delivery."
        for extract in source.extracts
        if not any(folder.glob(extract.file))
    ]
    for path in _delivered(folder):
        place = f"{source.folder}/{path.relative_to(folder).as_posix()}"
        if not _is_within(path, folder):
            faults.append(f"{place}: a link that leads out of the agency's folder. Put the file itself there.")
            continue
        matching = [extract for extract in source.extracts if is_file_of(extract, source, place)]
        if len(matching) == 1:
            files.append(DeliveredFile(path, place, source, matching[0], delivery))
        elif matching:
            names = " and ".join(extract.file for extract in matching)
            faults.append(f"{place}: two extracts declare it ({names}). Declare one that says all that the file holds.")
        else:
            warnings.append(f"{place}: no extract declares it; it is left unread.")
    return Found(tuple(files), tuple(faults), tuple(warnings))


def _delivered(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, and what links elsewhere; pipes and devices are no files."""
    for path in sorted(folder.rglob("*")):
        is_told = path.is_file() or path.is_symlink()
        if is_told and path.name != DELIVERY and not path.name.startswith("."):
            yield path


def _is_within(path: Path, folder: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def is_file_of(extract: AnyExtract, source: Source, place: str) -> bool:
    """Return whether a file, named below the extracts' folder, is one of an extract's."""
    return PurePosixPath(place).match(f"{source.folder}/{extract.file}")
