"""Temporal splits with an embargo: nothing learnt from was unknown on the first date that is judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from targeting.errors import DeclarationError, Fault
from targeting.training.definition import TrainingDefinition

KnownOn = Callable[[date], date]


@dataclass(frozen=True)
class Window:
    """Test dates that one model judges, and the dates from which it learns, all known before the first of them."""

    train: tuple[date, ...]
    test: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class Split:
    """As-of dates by their use, each in order.

    `windows` are the models that judge `test`, in order; `train` teaches the first of them, so that nothing in it was
    known later than any test date. Within it, `tuning` teaches the trials that `validation` judges; both are empty
    where tuning uses folds. `embargoed` dates have labels that were not known at the first test date.
    `matured` are all dates whose outcomes are known. `kept` are those from which the model that is kept learns: all of
    them, or `train` alone where the split says not to refit.
    """

    train: tuple[date, ...]
    test: tuple[date, ...]
    tuning: tuple[date, ...]
    validation: tuple[date, ...]
    embargoed: tuple[date, ...]
    matured: tuple[date, ...]
    kept: tuple[date, ...]
    windows: tuple[Window, ...]

    @property
    def uses(self) -> dict[str, tuple[date, ...]]:
        """Return the dates by the name of their use."""
        return {name: held for name, held in vars(self).items() if name != "windows"}


def split_dates(definition: TrainingDefinition, matured: Sequence[date], *, known_on: KnownOn) -> Split:
    """Return the split that a definition declares over the dates that have `matured`.

    `known_on` gives the day on which a date's labels are known: its horizon and settling lag later. Raises
    DeclarationError where a listed date breaks the embargo or has not matured, and where too few dates are left to
    learn from or to judge by.
    """
    if definition.split.test:
        train, test = _listed(definition, matured, known_on)
    else:
        train, test = _last(definition, matured, known_on)
    tuning, validation = _inner(definition, train, known_on)
    windows = _windows(definition, matured, (train, test), known_on)
    embargoed = tuple(each for each in sorted(matured) if each < test[0] and each not in train)
    known = tuple(sorted({*train, *test} if definition.split.test else matured))
    return Split(
        train=train,
        test=test,
        tuning=tuning,
        validation=validation,
        embargoed=embargoed,
        matured=known,
        kept=known if definition.split.refit else windows[-1].train,
        windows=windows,
    )


def known_before(dates: Sequence[date], first: date, *, known_on: KnownOn) -> tuple[date, ...]:
    """Return the dates whose labels are known by `first`, in order."""
    return tuple(each for each in sorted(dates) if known_on(each) <= first)


def _last(
    definition: TrainingDefinition, matured: Sequence[date], known_on: KnownOn
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    count = definition.split.test_dates
    test = tuple(sorted(matured))[-count:]
    train = known_before(matured, test[0], known_on=known_on) if test else ()
    if len(test) < count or not train:
        raise _fault(
            definition,
            "split.test_dates",
            f"dates that have matured: {len(matured)}. After {count} to test, and an embargo of "
            f"{_days(test, known_on)} days before, there remain to learn from: {len(train)}. Add earlier dates or test "
            "fewer.",
        )
    return train, test


def _windows(
    definition: TrainingDefinition,
    matured: Sequence[date],
    whole: tuple[tuple[date, ...], tuple[date, ...]],
    known_on: KnownOn,
) -> tuple[Window, ...]:
    train, test = whole
    size = definition.split.window
    if size is None:
        return (Window(train, test),)
    parts = [test[at : at + size] for at in range(0, len(test), size)]
    return tuple(Window(known_before(matured, part[0], known_on=known_on), part) for part in parts)


def _listed(
    definition: TrainingDefinition, matured: Sequence[date], known_on: KnownOn
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    train, test = tuple(sorted(definition.split.train)), tuple(sorted(definition.split.test))
    faults = [
        Fault(f"{definition.place}: split", f"outcomes of {each} are not fully known yet; leave it out.")
        for each in (*train, *test)
        if each not in matured
    ]
    faults += [
        Fault(
            f"{definition.place}: split.train",
            f"the outcome of {each} is known on {known_on(each)}, after the first test date {test[0]}: "
            "the model would be judged by what it has seen.",
        )
        for each in train
        if known_on(each) > test[0]
    ]
    if faults:
        raise DeclarationError(faults)
    return train, test


def _inner(
    definition: TrainingDefinition, train: tuple[date, ...], known_on: KnownOn
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    if definition.validation.method == "folds":
        return (), ()
    validation = train[-definition.validation.dates :]
    tuning = known_before(train, validation[0], known_on=known_on)
    if len(validation) < definition.validation.dates or not tuning:
        raise _fault(
            definition,
            "validation",
            f"dates to learn from: {len(train)}. That is too few for {definition.validation.dates} that judge trials "
            f"and an embargo of {_days(validation, known_on)} days before. Add earlier dates or use "
            '`method = "folds"`.',
        )
    return tuning, validation


def _fault(definition: TrainingDefinition, key: str, message: str) -> DeclarationError:
    return DeclarationError([Fault(f"{definition.place}: {key}", message)])


def _days(dates: Sequence[date], known_on: KnownOn) -> int:
    return (known_on(dates[0]) - dates[0]).days if dates else 0
