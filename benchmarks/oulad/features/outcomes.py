"""What the models estimate: that a presentation ends without a pass."""

from targeting.features import Outcome, column, days, facts

results = facts("result_settled")

not_passed = Outcome(
    "The student failed or withdrew by the end of the presentation",
    events=(results.where(column("result").is_in("fail", "withdrawn")),),
    lead=days(0),
    # The longest presentation takes 269 days, which is 208 days from the earlier of the two dates.
    horizon=days(210),
    settling=days(0),
    in_whom="all",
    until_age=None,
)
