"""Names of the fictional district's people, and the ways in which an agency's copy of a name differs from them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import communities, name_lists
from targeting.synthetic.columns import rows_where
from targeting.synthetic.population import (
    CARER,
    CHILD,
    GRANDPARENT,
    LONE,
    MALE,
    OTHER_PARENT,
    PARTNER,
    Families,
    People,
)

NONE = -1
SPELLINGS_OF_A_NAME = 4
SLIPS_OF_A_NAME = 4

Words = NDArray[np.int32]


@dataclass(frozen=True)
class Vocabulary:
    """All words that a name may hold, each with its other spellings, what its bearer is called, and slips of the key.

    `spellings` and `slips` are padded with the word itself.
    """

    words: NDArray[np.str_]
    spellings: NDArray[np.int32]
    nickname: Words
    slips: NDArray[np.int32]


@dataclass(frozen=True)
class Names:
    """One row a person: given name, second given name (-1 none), family name, second half of it (-1 none)."""

    given: Words
    second: Words
    family: Words
    double: Words


def _plain_words() -> list[str]:
    """Return every name and spelling, sorted, without slips."""
    texts = [text for lists in name_lists.LISTS.values() for text in lists]
    texts += [name_lists.WOMENS_LAST_NAMES, name_lists.SPELLINGS, name_lists.NICKNAMES]
    return sorted({word for text in texts for word in text.replace("|", " ").split()})


def _slip(word: str, rng: np.random.Generator) -> str:
    """Return the word with two letters swapped, one left out, or one doubled."""
    if len(word) < 4:
        return word + word[-1]
    at = int(rng.integers(1, len(word) - 1))
    kind = int(rng.integers(3))
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary; it is the same in every district."""
    plain = _plain_words()
    rng = np.random.default_rng(0)
    slips = [[_slip(word, rng) for _ in range(SLIPS_OF_A_NAME)] for word in plain]
    words = plain + [slip for row in slips for slip in row]
    place = {word: index for index, word in enumerate(plain)}
    every = np.arange(len(words), dtype=np.int32)
    spellings = np.tile(every[:, None], (1, SPELLINGS_OF_A_NAME))
    for group in name_lists.SPELLINGS.split("|"):
        members = [place[word] for word in group.split()]
        for at, index in enumerate(members):
            others = (members[at + 1 :] + members[:at]) * SPELLINGS_OF_A_NAME
            spellings[index] = others[:SPELLINGS_OF_A_NAME]
    nickname = every.copy()
    for pair in name_lists.NICKNAMES.split("|"):
        name, short = pair.split()
        nickname[place[name]] = place[short]
    slipped = np.tile(every[:, None], (1, SLIPS_OF_A_NAME))
    slipped[: len(plain)] = len(plain) + np.arange(len(plain) * SLIPS_OF_A_NAME).reshape(-1, SLIPS_OF_A_NAME)
    return Vocabulary(np.array(words), spellings, nickname, slipped)


@cache
def _places() -> dict[str, int]:
    return {str(word): index for index, word in enumerate(vocabulary().words)}


@cache
def _list(tradition: str, part: str) -> tuple[Words, NDArray[np.float64]]:
    """Return a list's words as indexes and their cumulative shares; the n-th name is 1/n^0.7 as common as the first."""
    text = name_lists.WOMENS_LAST_NAMES if part == "womens" else getattr(name_lists.LISTS[tradition], part)
    place = _places()
    words = np.array([place[word] for word in text.split()], np.int32)
    weights = 1 / np.arange(1, words.size + 1) ** 0.7
    return words, np.cumsum(weights) / weights.sum()


def _draw(community: NDArray[np.int8], part: str, rng: np.random.Generator) -> Words:
    """Return a name of each person's own tradition."""
    drawn = np.zeros(community.size, np.int32)
    traditions = np.array([c.names for c in communities.COMMUNITIES])[community]
    for tradition in communities.TRADITIONS:
        rows = np.flatnonzero(traditions == tradition)
        words, cumulative = _list(tradition, part)
        drawn[rows] = words[np.searchsorted(cumulative, rng.random(rows.size)).clip(max=words.size - 1)]
    return drawn


def _given(people: People, rng: np.random.Generator) -> Words:
    """Return given names by sex and generation."""
    child = people.role == CHILD
    male = people.sex == MALE
    given = np.zeros(len(people), np.int32)
    for rows, part in (
        (child & male, "boys"),
        (child & ~male, "girls"),
        (~child & male, "men"),
        (~child & ~male, "women"),
    ):
        given[rows] = _draw(people.community[rows], part, rng)
    return given


def _name_apart(given: Words, people: People, rng: np.random.Generator) -> Words:
    """Return given names with no two alike in one family."""
    given = given.copy()
    while True:
        order = np.lexsort((given, people.family))
        alike = (np.diff(people.family[order]) == 0) & (np.diff(given[order]) == 0)
        again = order[1:][alike]
        if again.size == 0:
            return given
        given[again] = _given(rows_where(people, again), rng)


# Assumptions: how often a woman bears the family's name, a name of her own, or a women's last name.
_SHARES_THE_NAME = 0.62
_WOMENS_NAME = 0.45
_DOUBLE_BARRELLED = 0.07


def _family_names(families: Families, people: People, rng: np.random.Generator) -> tuple[Words, Words]:
    """Return family names and second halves: children bear their father's name, their mother's, or both."""
    fathers = _draw(families.community, "families", rng)
    mothers = _draw(families.community, "families", rng)
    south_asian = np.isin(families.community, communities.SOUTH_ASIAN)
    womens = south_asian & (rng.random(len(families)) < _WOMENS_NAME)
    bengali_or_pakistani = np.isin(families.community, communities.indexes_of("APKN", "ABAN"))
    mothers = np.where(womens & bengali_or_pakistani, _list("pakistani", "womens")[0][mothers % 12], mothers)
    married = ~womens & (rng.random(len(families)) < np.where(families.structure == LONE, 0.1, _SHARES_THE_NAME))
    mothers = np.where(married, fathers, mothers).astype(np.int32)
    after_mother = ~south_asian & (rng.random(len(families)) < np.where(families.structure == LONE, 0.6, 0.08))
    after_both = ~south_asian & ~after_mother & ~married & (rng.random(len(families)) < _DOUBLE_BARRELLED * 2)
    childrens = np.where(after_mother, mothers, fathers)
    family = people.family
    name = np.select(
        [np.isin(people.role, (PARTNER, OTHER_PARENT, GRANDPARENT)), people.role == CARER, people.role == CHILD],
        [fathers[family], mothers[family], childrens[family]],
        _draw(people.community, "families", rng),
    ).astype(np.int32)
    double = np.where((people.role == CHILD) & after_both[family], mothers[family], NONE).astype(np.int32)
    return name, double


def christen(families: Families, people: People, rng: np.random.Generator) -> Names:
    """Return the true names of all people."""
    given = _name_apart(_given(people, rng), people, rng)
    # A third of Pakistani and Bangladeshi men and boys bear Mohammed before the name they are called by.
    of_tradition = np.isin(people.community, communities.indexes_of("APKN", "ABAN")) & (people.sex == MALE)
    prefixed = of_tradition & (rng.random(len(people)) < 0.33)
    mohammed = _list("pakistani", "men")[0][0]
    second = np.where(prefixed, given, NONE).astype(np.int32)
    given = np.where(prefixed, mohammed, given).astype(np.int32)
    family, double = _family_names(families, people, rng)
    return Names(given, second, family, double)


@dataclass(frozen=True, kw_only=True)
class NameHabits:
    """How often an agency's copy of a name differs: another spelling, a nickname, a slip, half of a double name."""

    spelling: float
    nickname: float
    slip: float
    half: float


def miswrite(true: Names, habits: NameHabits, rng: np.random.Generator) -> Names:
    """Return the names as one agency has them."""
    count = true.given.size
    dropped = rng.random(count) < habits.half
    called = (true.second != NONE) & dropped
    given = np.where(called & (rng.random(count) < 0.6), true.second, true.given)
    second = np.where(called, NONE, true.second)
    half = (true.double != NONE) & dropped
    family = np.where(half & (rng.random(count) < 0.4), true.double, true.family)
    double = np.where(half, NONE, true.double)
    known = vocabulary()
    given = np.where(rng.random(count) < habits.nickname, known.nickname[given], given)
    return Names(
        _respell(given, habits, rng),
        second.astype(np.int32),
        _respell(family, habits, rng),
        double.astype(np.int32),
    )


def _respell(word: Words, habits: NameHabits, rng: np.random.Generator) -> Words:
    known = vocabulary()
    row = np.arange(word.size)
    other = known.spellings[word, rng.integers(0, SPELLINGS_OF_A_NAME, row.size)]
    word = np.where(rng.random(row.size) < habits.spelling, other, word)
    slipped = known.slips[word, rng.integers(0, SLIPS_OF_A_NAME, row.size)]
    return np.where(rng.random(row.size) < habits.slip, slipped, word).astype(np.int32)
