"""How well what was handed in was done."""

from targeting.features import Indicator, column, facts

due = facts("assessment_due")
handed_in = facts("assessment_handed_in")

tutor_marked = handed_in.where((column("type") == "tma") & column("score").is_known())
computer_marked = handed_in.where((column("type") == "cma") & column("score").is_known())

FULL_SCORE = 100
NOT_MARKED = "No tutor-marked assessment was handed in yet"
NOT_COMPUTER_MARKED = "No computer-marked assessment was handed in yet"

marks_gained = Indicator(
    "Share gained of the marks that fell due; banked and early work counts too",
    handed_in.sum_for_family("marks") / due.sum_for_family("weight"),
    concern="scores",
    sentence="Gained {percent} of the marks that fell due",
    sentence_if_none="Gained none of the marks that fell due",
    direction="lowers",
    unknown_means="Nothing that counts in the final mark has fallen due yet",
)

latest_score = Indicator(
    "Score of the latest tutor-marked assessment",
    tutor_marked.latest_for_family("score") / FULL_SCORE,
    concern="scores",
    sentence="{percent} in the latest tutor-marked assessment",
    direction="lowers",
    unknown_means=NOT_MARKED,
)

mean_score = Indicator(
    "Mean score of tutor-marked assessments",
    tutor_marked.sum_for_family("score") / tutor_marked.count_for_family() / FULL_SCORE,
    concern="scores",
    sentence="{percent} in tutor-marked assessments on average",
    direction="lowers",
    unknown_means=NOT_MARKED,
)

lowest_score = Indicator(
    "Lowest score of a tutor-marked assessment",
    tutor_marked.minimum_for_family("score") / FULL_SCORE,
    concern="scores",
    sentence="{percent} in the weakest tutor-marked assessment",
    direction="lowers",
    unknown_means=NOT_MARKED,
)

highest_score = Indicator(
    "Highest score of a tutor-marked assessment",
    tutor_marked.maximum_for_family("score") / FULL_SCORE,
    concern="scores",
    sentence="{percent} in the best tutor-marked assessment",
    unknown_means=NOT_MARKED,
)

first_score = Indicator(
    "Score of the first tutor-marked assessment",
    tutor_marked.earliest_for_family("score") / FULL_SCORE,
    concern="scores",
    sentence="{percent} in the first tutor-marked assessment",
    unknown_means=NOT_MARKED,
)

change_in_score = Indicator(
    "Change from the first to the latest tutor-marked score",
    tutor_marked.latest_for_family("score") - tutor_marked.earliest_for_family("score"),
    concern="scores",
    unit="points",
    sentence="The tutor-marked score {change:point} from the first to the latest",
    sentence_if_none="The first and the latest tutor-marked score are equal",
    unknown_means=NOT_MARKED,
)

mean_computer_marked_score = Indicator(
    "Mean score of computer-marked assessments",
    computer_marked.sum_for_family("score") / computer_marked.count_for_family() / FULL_SCORE,
    concern="scores",
    sentence="{percent} in computer-marked assessments on average",
    direction="lowers",
    unknown_means=NOT_COMPUTER_MARKED,
)

lowest_computer_marked_score = Indicator(
    "Lowest score of a computer-marked assessment",
    computer_marked.minimum_for_family("score") / FULL_SCORE,
    concern="scores",
    sentence="{percent} in the weakest computer-marked assessment",
    direction="lowers",
    unknown_means=NOT_COMPUTER_MARKED,
)
