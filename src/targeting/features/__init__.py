"""The language of indicators: what is known of a family on a date, in Python that reads as sentences; and its plan.

What runs a plan lies in `targeting.features.engine`, `labels` and `evidence`, which import the compiled kernel.
"""

from targeting.features.compiler import compile_plan
from targeting.features.conditions import column
from targeting.features.definition import Cohort, Indicator, Outcome
from targeting.features.expressions import case
from targeting.features.matrix import Matrix, read_matrix
from targeting.features.members import people
from targeting.features.plan import Plan, plan_from_json, plan_to_json
from targeting.features.rules import CompileRules
from targeting.features.selections import facts
from targeting.features.together import in_order_for_family, together_for_family
from targeting.features.trends import change_from_own_past, change_from_previous_window
from targeting.features.windows import days, months, terms, weeks, years

__all__ = [
    "Cohort",
    "CompileRules",
    "Indicator",
    "Matrix",
    "Outcome",
    "Plan",
    "case",
    "change_from_own_past",
    "change_from_previous_window",
    "column",
    "compile_plan",
    "days",
    "facts",
    "in_order_for_family",
    "months",
    "people",
    "plan_from_json",
    "plan_to_json",
    "read_matrix",
    "terms",
    "together_for_family",
    "weeks",
    "years",
]
