"""The forward filter of the attainable: on a tiny chain it equals the sum over every path."""

from itertools import pairwise, product

import numpy as np
import pytest

from targeting.synthetic.posterior import Fortnight, Move, filtered, first_entries, normalised

KINDS, STAGES, NEEDS, FORTNIGHTS = 2, 2, 2, 4


def rows_of_chances(rng, *shape):
    chances = rng.random(shape)
    return chances / chances.sum(-1, keepdims=True)


@pytest.fixture
def tiny():
    """Return a prior, and for each fortnight a likelihood and how a household moves, with what was recorded of it."""
    rng = np.random.default_rng(5)
    prior = rng.random((1, KINDS, STAGES, NEEDS))
    moves = [rows_of_chances(rng, KINDS, STAGES, NEEDS, NEEDS) for _ in range(FORTNIGHTS)]
    stages = [rows_of_chances(rng, KINDS, STAGES, NEEDS, STAGES) for _ in range(FORTNIGHTS)]
    recorded = [rng.random((1, STAGES, 1, STAGES)) for _ in range(FORTNIGHTS)]
    seen = [rng.random((1, KINDS, STAGES, NEEDS)) for _ in range(FORTNIGHTS)]
    return prior / prior.sum(), seen, moves, [a * b for a, b in zip(stages, recorded, strict=True)]


def every_path(tiny):
    """Return each path of kind and states with its joint chance with what was seen: slow, and nothing but products."""
    prior, seen, moves, stages = tiny
    states = list(product(range(STAGES), range(NEEDS)))
    for kind in range(KINDS):
        for path in product(states, repeat=FORTNIGHTS + 1):
            chance = prior[0, kind, *path[0]]
            for at, ((g, h), (g2, h2)) in enumerate(pairwise(path)):
                chance *= seen[at][0, kind, g, h] * moves[at][kind, g, h, h2] * stages[at][kind, g, h2, g2]
            yield kind, path, chance


def test_the_filter_equals_the_sum_over_all_paths_of_a_tiny_chain(tiny):
    prior, seen, moves, stages = tiny
    expected = np.zeros((KINDS, STAGES, NEEDS))
    for kind, path, chance in every_path(tiny):
        expected[kind, *path[-1]] += chance
    none, first = np.arange(0), np.arange(1)
    fortnights = [
        Fortnight(none if at else first, prior[none] if at else prior, seen[at], [Move(first, moves[at], stages[at])])
        for at in range(FORTNIGHTS)
    ]
    belief = filtered(prior.shape, fortnights)
    assert np.allclose(belief[0], expected / expected.sum(), atol=1e-12)


def test_first_entries_equal_the_sum_over_the_paths_that_enter_then(tiny):
    prior, _, moves, stages = tiny
    stages = [each / each.sum(-1, keepdims=True) for each in stages]
    expected = np.zeros(FORTNIGHTS)
    for _, path, chance in every_path((prior, np.ones((FORTNIGHTS, *prior.shape)), moves, stages)):
        entered = [at for at, (stage, _) in enumerate(path) if stage == 1]
        if entered and entered[0] > 0:
            expected[entered[0] - 1] += chance * 0.9 ** entered[0]
    ahead = [[Move(np.arange(1), moves[at], stages[at])] for at in range(FORTNIGHTS)]
    assert np.allclose(first_entries(prior, ahead, absorbing=1, stays=0.9)[0], expected, atol=1e-12)


def test_households_move_apart_and_enter_when_they_come(tiny):
    """Two households, of which the second comes a fortnight later, equal each reckoned alone."""
    prior, seen, moves, stages = tiny
    first, second = np.arange(1), np.array([1])
    beliefs = np.concatenate([prior, prior])
    together = [
        Fortnight(first, prior, seen[0], [Move(first, moves[0], stages[0])]),
        Fortnight(second, prior, seen[1], [Move(second, moves[2], stages[2]), Move(first, moves[1], stages[1])]),
    ]
    found = filtered(beliefs.shape, together)
    alone = filtered(prior.shape, [Fortnight(first, prior, seen[1], [Move(first, moves[2], stages[2])])])
    assert np.allclose(found[1], alone[0])
    assert not np.allclose(found[0], found[1])


def test_records_that_no_state_explains_are_refused_and_not_averaged_away():
    with pytest.raises(ValueError, match="1 of 2 households' records fit no state of the chain"):
        normalised(np.array([1.0, 0.0]).reshape(2, 1, 1, 1), np.arange(2))
