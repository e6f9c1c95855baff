"""Of whom a model speaks, which list a family is on, and who goes to the front door instead."""

from targeting.features import Cohort, column, facts, months, people, weeks

from .living_here import a_child_lives_here, has_pupil, nobody_records

contacts = facts("contact")
referrals = facts("referral")
early_help = facts("early_help_started")
incidents = facts("domestic_abuse_incident")

# A case is open from the referral on; a plan or a period of care counts by itself, for old cases lack their referral.
open_to_social_care = (
    referrals.open_for_family()
    | facts("child_in_need_plan_started").open_for_family()
    | facts("child_protection_plan_started").open_for_family()
    | facts("care_started").open_for_family()
)

expects_a_child = people.unborn().exists_for_family()

not_open_to_social_care = Cohort(
    "Families with a child under 18 or unborn, living in the district, not open to social care",
    ((a_child_lives_here & ~nobody_records) | expects_a_child) & ~open_to_social_care,
)

# Whom silence alone keeps out of the cohort above. Lists say how many they are: among them are some who live here.
no_longer_recorded = Cohort(
    "Families with a child of whom nobody has recorded anything for two years, or for one where a child is of school "
    "age, not open to social care",
    a_child_lives_here & nobody_records & ~expects_a_child & ~open_to_social_care,
)

child_of_school_age = Cohort("Families with a child of school age, 5 to 15 years old", has_pupil)

open_to_early_help = Cohort(
    "Families with an open episode of early help: is the help they have the right help?",
    early_help.open_for_family(),
)

# A child on a plan, in court or in care, or one whose harm is being looked into, is never asked about here. When
# pre-proceedings end is shared by nobody, so those of the last year count.
open_to_protection = (
    facts("section_47_started").open_for_family()
    | facts("child_protection_plan_started").open_for_family()
    | facts("pre_proceedings_started").in_last(months(12)).exists_for_family()
    | facts("care_started").open_for_family()
)

helped_without_protection = Cohort(
    "Families with a child living in the district and early help or a plan for a child in need, without any enquiry, "
    "plan or case of protection",
    a_child_lives_here
    & (early_help.open_for_family() | facts("child_in_need_plan_started").open_for_family())
    & ~open_to_protection,
)

not_open_to_early_help = Cohort(
    "Families without an open episode of early help: would they welcome an offer?",
    ~early_help.open_for_family(),
)

# Places are kept for them, or those whom services see most often would fill every list.
never_known = Cohort(
    "Families of whom neither social care nor early help has had a contact, a referral, an assessment or an episode",
    ~(
        contacts.exists_for_family()
        | referrals.exists_for_family()
        | facts("assessment_completed").exists_for_family()
        | early_help.exists_for_family()
    ),
)

# The two rules below do not wait for a meeting: such a family goes to the front door the same day.
high_grade_abuse_without_contact = Cohort(
    "A child was present at high-grade domestic abuse in the last 4 weeks and no contact is recorded in them",
    incidents.where((column("grade") == "high") & column("child_present")).in_last(weeks(4)).exists_for_family()
    & ~(contacts.in_last(weeks(4)).exists_for_family() | referrals.in_last(weeks(4)).exists_for_family()),
)

unborn_child_after_removal = Cohort(
    "An unborn child, in a family from which a child was taken into care",
    expects_a_child
    & facts("care_started").where(column("legal_basis").is_in("order", "accommodated")).exists_for_family(),
)
