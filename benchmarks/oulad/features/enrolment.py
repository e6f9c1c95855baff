"""What is known of a student before the first assessment."""

from targeting.features import Indicator, facts

started = facts("presentation_started")
registration = facts("registered")

registered_ahead = Indicator(
    "Days from registration to the start of the presentation",
    registration.days_since_earliest_for_family() - started.days_since_latest_for_family(),
    concern="enrolment",
    unit="days",
    sentence="Registered {duration} before the presentation began",
    unknown_means="The day of registration is not recorded",
)

previous_attempts = Indicator(
    "Earlier attempts at the same module",
    started.latest_for_family("previous_attempts"),
    concern="enrolment",
    unit="attempts",
    sentence="{count:earlier attempt} at this module",
    sentence_if_none="First attempt at this module",
    direction="raises",
)

studied_credits = Indicator(
    "Credits of all modules that the student is taking",
    started.latest_for_family("studied_credits"),
    concern="enrolment",
    unit="credits",
    sentence="Takes modules of {count:credit} in all",
)
