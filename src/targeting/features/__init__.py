"""The language of indicators: what is known of a family on a date, in Python that reads as sentences; and its plan.

What runs a plan lies in `targeting.features.engine`, `labels` and `evidence`, which import the compiled kernel.
"""

from targeting.features.compiler import compile_plan
from targeting.features.conditions import column
from targeting.features.definition import Cohort, Indicator, Outcome
from targeting.features.expressions import case
from targeting.features.matrix import Matrix, read_matrix
from targeting.features.plan import Plan, plan_from_json, plan_to_json
from targeting.features.rules import CompileRules
from targeting.features.selections import facts, people
from targeting.features.windows import days, months, terms, weeks, years

__all__ = [
    "Cohort",
    "CompileRules",
    "Indicator",
    "Matrix",
    "Outcome",
    "Plan",
    "case",
    "column",
    "compile_plan",
    "days",
    "facts",
    "months",
    "people",
    "plan_from_json",
    "plan_to_json",
    "read_matrix",
    "terms",
    "weeks",
    "years",
]
