"""The way of each child through social care and early help, from the household's cases and spells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import referrals, social_work
from targeting.synthetic.columns import stacked
from targeting.synthetic.disability import for_disability
from targeting.synthetic.early_help import early_help
from targeting.synthetic.episodes import (
    Assessments,
    Episodes,
    Referrals,
)
from targeting.synthetic.noticing import Households
from targeting.synthetic.opened_cases import Worked
from targeting.synthetic.spells import Spells


@dataclass(frozen=True)
class Pathway:
    """All that social care and early help did, child by child."""

    referrals: Referrals
    assessments: Assessments
    enquiries: Episodes
    in_need_plans: Episodes
    protection_plans: Episodes
    pre_proceedings: Episodes
    care: Episodes
    early_help: Episodes
    early_help_source: NDArray[np.int64]


def pathway(
    households: Households,
    all_spells: Spells,
    worked: Worked,
    held: tuple[Spells, NDArray[np.int64]],
    rng: np.random.Generator,
) -> Pathway:
    """Return all that social care and early help did; `held` is the spells of social care and the case of each."""
    district = households.district
    spells, case = held
    child = social_work.child_spells(district, worked, spells, case)
    disability = for_disability(households, rng)
    in_need_plans, protection_plans = social_work.plans(worked, spells, child, rng)
    care, pre_proceedings = social_work.care(worked, spells, child, rng)
    helped, source = early_help(district, all_spells, rng)
    refused = referrals.no_further_action(households, rng)
    return Pathway(
        referrals=stacked([referrals.accepted(district, worked, rng), refused, disability.referrals]),
        assessments=stacked([social_work.assessments(worked, spells, child, rng), disability.assessments]),
        enquiries=social_work.enquiries(worked, spells, child, rng),
        in_need_plans=stacked([in_need_plans, disability.plans]),
        protection_plans=protection_plans,
        pre_proceedings=pre_proceedings,
        care=stacked([care, disability.short_breaks]),
        early_help=helped,
        early_help_source=source,
    )
