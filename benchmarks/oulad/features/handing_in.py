"""Whether, when and how late assessments are handed in."""

from targeting.features import Indicator, column, days, facts

due = facts("assessment_due")
handed_in = facts("assessment_handed_in")

tutor_marked_due = due.where(column("type") == "tma")
not_in_on_time = due.where(~column("in_on_time"))
in_late = handed_in.where(column("days_late") > 0)
own_work = handed_in.where(~column("banked"))
tutor_marked = own_work.where(column("type") == "tma")
tutor_marked_with_a_day = tutor_marked.where(column("days_late").is_known())

# What was not in when it fell due and has not come in late since.
missed = not_in_on_time.count_for_family() - in_late.count_for_family()

missed_assessments = Indicator(
    "Assessments that fell due and have not been handed in",
    missed,
    concern="handing in",
    unit="assessments",
    sentence="{count:assessment} that fell due not handed in",
    sentence_if_none="Everything that fell due was handed in",
    direction="raises",
)

missed_share = Indicator(
    "Share of the assessments that fell due and have not been handed in",
    missed / due.count_for_family(),
    concern="handing in",
    sentence="{percent} of the assessments that fell due not handed in",
    sentence_if_none="Everything that fell due was handed in",
    direction="raises",
    unknown_means="Nothing has fallen due yet",
)

missed_weight = Indicator(
    "Weight in the final mark of what fell due and has not been handed in",
    not_in_on_time.sum_for_family("weight") - in_late.sum_for_family("weight"),
    concern="handing in",
    unit="points",
    sentence="What was not handed in counts {number:point} of 100 in the final mark",
    sentence_if_none="Nothing that counts in the final mark is missing",
    direction="raises",
)

latest_not_in_on_time = Indicator(
    "The tutor-marked assessment that fell due last was not in on time",
    tutor_marked_due.latest_for_family("in_on_time") == 0,
    concern="handing in",
    sentence="The tutor-marked assessment that fell due last was not in on time",
    sentence_if_none="The tutor-marked assessment that fell due last was in on time",
    direction="raises",
    unknown_means="No tutor-marked assessment has fallen due yet",
)

days_since_handed_in = Indicator(
    "Days since anything was handed in",
    own_work.days_since_latest_for_family(),
    concern="handing in",
    unit="days",
    sentence="Last handed something in {duration} ago",
    unknown_means="Nothing was handed in yet",
)

days_since_tutor_marked = Indicator(
    "Days since a tutor-marked assessment was handed in",
    tutor_marked.days_since_latest_for_family(),
    concern="handing in",
    unit="days",
    sentence="Last handed in a tutor-marked assessment {duration} ago",
    unknown_means="No tutor-marked assessment was handed in yet",
)

days_since_tutor_marked_due = Indicator(
    "Days since a tutor-marked assessment fell due",
    tutor_marked_due.days_since_latest_for_family(),
    concern="handing in",
    unit="days",
    sentence="The last tutor-marked assessment fell due {duration} ago",
    unknown_means="No tutor-marked assessment has fallen due yet",
)

handed_in_lately = Indicator(
    "Assessments handed in during the last four weeks",
    own_work.in_last(days(28)).count_for_family(),
    concern="handing in",
    unit="assessments",
    sentence="{count:assessment} handed in during the last four weeks",
    sentence_if_none="Nothing handed in during the last four weeks",
)

handed_in_late = Indicator(
    "Assessments handed in late",
    in_late.count_for_family(),
    concern="handing in",
    unit="assessments",
    sentence="{count:assessment} handed in late",
    sentence_if_none="Nothing handed in late",
)

latest_days_late = Indicator(
    "Days late of the latest tutor-marked assessment, below 0 where early",
    tutor_marked.latest_for_family("days_late"),
    concern="handing in",
    unit="days",
    sentence="Days from due to handed in, latest tutor-marked assessment: {number}",
    unknown_means="No tutor-marked assessment was handed in yet",
)

mean_days_late = Indicator(
    "Mean days late of tutor-marked assessments, below 0 where early",
    tutor_marked_with_a_day.sum_for_family("days_late") / tutor_marked_with_a_day.count_for_family(),
    concern="handing in",
    unit="days",
    sentence="Days from due to handed in, mean of tutor-marked assessments: {number}",
    unknown_means="No tutor-marked assessment was handed in yet",
)

most_days_late = Indicator(
    "Days late of the tutor-marked assessment that was latest, below 0 where all were early",
    tutor_marked.maximum_for_family("days_late"),
    concern="handing in",
    unit="days",
    sentence="Days from due to handed in, most of any tutor-marked assessment: {number}",
    unknown_means="No tutor-marked assessment was handed in yet",
)
