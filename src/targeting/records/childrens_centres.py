"""Children's centres: registration, attendance, progress in eight domains."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind

KINDS = (
    FactKind(
        name="childrens_centre_registered",
        description="A child under five was registered with a children's centre",
        area="children's centres",
        event="the registration",
        knowledge="it was recorded",
    ),
    FactKind(
        name="childrens_centre_attended",
        description="A child or parent attended an event of a children's centre",
        area="children's centres",
        event="the event",
        knowledge="it was recorded",
    ),
    FactKind(
        name="childrens_centre_progress",
        description="A worker of a children's centre noted a family's progress in one domain",
        area="children's centres",
        event="the note",
        knowledge="it was recorded",
        columns=(
            Column(
                name="domain",
                description="One of eight domains",
                type="code",
                codes=code_set(
                    "progress_domain",
                    boundaries_and_behaviour="boundaries and behaviour",
                    education_and_learning="education and learning",
                    emotional_wellbeing="emotional wellbeing",
                    family_routines="family routines",
                    home_and_money="home and money",
                    keeping_children_safe="keeping children safe",
                    physical_health="physical health",
                    social_networks="social networks",
                ),
            ),
            Column(
                name="score",
                description="1, much help needed, to 5, doing well",
                type="integer",
                minimum=1,
                maximum=5,
            ),
        ),
    ),
)
