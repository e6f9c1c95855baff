"""How a student stands among those of the same presentation, in the latest of the 20-day reports."""

from targeting.features import Indicator, facts

report = facts("standing_reported")

NO_REPORT = "No report speaks of this student yet"
NOTHING_IN = "Nothing of the kind was handed in by the latest report"

marks_lead = Indicator(
    "Marks above the mean of the presentation",
    report.latest_for_family("marks_lead"),
    concern="standing in the presentation",
    unit="points",
    sentence="Marks gained, against the mean of the presentation: {number:point}",
    direction="lowers",
    unknown_means=NO_REPORT,
)

marks_above = Indicator(
    "Share of fellow students with fewer marks",
    report.latest_for_family("marks_above"),
    concern="standing in the presentation",
    sentence="{percent} of fellow students have gained fewer marks",
    sentence_if_none="No fellow student has gained fewer marks",
    direction="lowers",
    unknown_means=NO_REPORT,
)

handed_in_lead = Indicator(
    "Assessments handed in above the mean of the presentation",
    report.latest_for_family("handed_in_lead"),
    concern="standing in the presentation",
    unit="assessments",
    sentence="Assessments handed in, against the mean of the presentation: {number}",
    direction="lowers",
    unknown_means=NO_REPORT,
)

idle_above = Indicator(
    "Share of fellow students who handed something in more recently",
    report.latest_for_family("idle_above"),
    concern="standing in the presentation",
    sentence="{percent} of fellow students handed something in more recently",
    sentence_if_none="No fellow student handed something in more recently",
    direction="raises",
    unknown_means=NO_REPORT,
)

late_above = Indicator(
    "Share of fellow students who hand in earlier, against the day due",
    report.latest_for_family("late_above"),
    concern="standing in the presentation",
    sentence="{percent} of fellow students hand in their tutor-marked assessments earlier",
    sentence_if_none="No fellow student hands in tutor-marked assessments earlier",
    unknown_means=NOTHING_IN,
)

tutor_marked_above = Indicator(
    "Share of fellow students with a lower mean tutor-marked score",
    report.latest_for_family("tutor_marked_above"),
    concern="standing in the presentation",
    sentence="{percent} of fellow students score lower in tutor-marked assessments on average",
    sentence_if_none="No fellow student scores lower in tutor-marked assessments on average",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

computer_marked_above = Indicator(
    "Share of fellow students with a lower mean computer-marked score",
    report.latest_for_family("computer_marked_above"),
    concern="standing in the presentation",
    sentence="{percent} of fellow students score lower in computer-marked assessments on average",
    sentence_if_none="No fellow student scores lower in computer-marked assessments on average",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

score_above = Indicator(
    "Share of fellow students with a lower score, mean over assessments",
    report.latest_for_family("score_above"),
    concern="standing in the presentation",
    sentence="{percent} of those who handed in the same assessment scored lower, on average",
    sentence_if_none="Nobody who handed in the same assessment scored lower",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

lowest_score_above = Indicator(
    "Share of fellow students with a lower score, in the weakest assessment",
    report.latest_for_family("lowest_score_above"),
    concern="standing in the presentation",
    sentence="{percent} of those who handed in the weakest assessment scored lower",
    sentence_if_none="Nobody who handed in the weakest assessment scored lower",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

latest_score_above = Indicator(
    "Share of fellow students with a lower score, in the latest tutor-marked assessment",
    report.latest_for_family("latest_score_above"),
    concern="standing in the presentation",
    sentence="{percent} of those who handed in the latest tutor-marked assessment scored lower",
    sentence_if_none="Nobody who handed in the latest tutor-marked assessment scored lower",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

deviation = Indicator(
    "Scores in standard deviations from the mean, mean over assessments",
    report.latest_for_family("deviation"),
    concern="standing in the presentation",
    sentence="Scores against the mean of those who handed in, in standard deviations: {number}",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

lowest_deviation = Indicator(
    "Lowest score in standard deviations from the mean",
    report.latest_for_family("lowest_deviation"),
    concern="standing in the presentation",
    sentence="Weakest score against the mean of those who handed in, in standard deviations: {number}",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

latest_deviation = Indicator(
    "Latest tutor-marked score in standard deviations from the mean",
    report.latest_for_family("latest_deviation"),
    concern="standing in the presentation",
    sentence="Latest tutor-marked score against the mean of those who handed in, in standard deviations: {number}",
    direction="lowers",
    unknown_means=NOTHING_IN,
)

handed_in_earlier = Indicator(
    "Share of fellow students who had handed in before, mean over assessments",
    report.latest_for_family("handed_in_earlier"),
    concern="standing in the presentation",
    sentence="{percent} of those who handed in the same assessment had done so before, on average",
    sentence_if_none="Nobody handed in the same assessments before",
    unknown_means=NOTHING_IN,
)
