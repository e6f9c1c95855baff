"""Of whom the models speak: students of a presentation on one day of it."""

from targeting.features import Cohort, facts

# A fact of day 60 is known on the 61st day after the start. Whether a student had registered is not asked, because
# the data set gives no day of registration for some and the published reference keeps them.
since_start = facts("presentation_started").days_since_latest_for_family()
has_left = facts("unregistered").exists_for_family()

registered_on_day_60 = Cohort(
    "Students of a presentation who had not unregistered by its day 60", (since_start == 61) & ~has_left
)
registered_on_day_120 = Cohort(
    "Students of a presentation who had not unregistered by its day 120", (since_start == 121) & ~has_left
)
