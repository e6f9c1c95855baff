"""All routes of the interface, in the order in which its description has them."""

from fastapi import APIRouter

from targeting.serving.api.decisions import decision_routes
from targeting.serving.api.families import family_routes
from targeting.serving.api.metrics import Metrics
from targeting.serving.api.rendering import Renderings
from targeting.serving.api.routes import list_routes, model_routes, operation_routes
from targeting.serving.api.scoring import scoring_routes
from targeting.serving.api.scoring_jobs import scoring_job_routes
from targeting.serving.reading import Reading
from targeting.serving.scores.scorer import Scorer


def interface_routes(
    renderings: Renderings, reading: Reading, scorer: Scorer, metrics: Metrics
) -> tuple[APIRouter, ...]:
    """Return the routes for programs: to read lists, to decide, to ask about a family, to run the service."""
    return (
        list_routes(renderings, reading),
        decision_routes(reading),
        family_routes(scorer, reading),
        scoring_routes(scorer, reading),
        scoring_job_routes(scorer, reading),
        model_routes(renderings, reading),
        operation_routes(renderings, reading, metrics),
    )
