"""Of what all that is published is made."""

from pydantic import BaseModel, ConfigDict


class Published(BaseModel):
    """Base of all that is published: never changed, no key beyond the declared ones."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
