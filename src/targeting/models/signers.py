"""Who may sign a model, as `serving/signers.toml` declares it."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from targeting.toml_files import Declared

Role = Literal["service_lead", "data_protection"]
# As people say it.
TITLES: Mapping[str, str] = {"service_lead": "service lead", "data_protection": "data protection officer"}


class Signer(Declared):
    """Who may sign, in which role, and the public half of the key (Ed25519, base64).

    A `synthetic_only` key holds for models of synthetic data and no other: the demonstration's keys lie in a file.
    """

    name: str = Field(min_length=1)
    role: Role
    public_key: str = Field(min_length=1)
    synthetic_only: bool = False
