"""Stylesheets and icon as built from `frontend/`, each under an address that changes with its bytes."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from targeting.errors import TargetingError

FOLDER = Path(__file__).parent / "assets"
MEDIA_TYPES = {"targeting.css": "text/css", "evidence.css": "text/css", "icon.svg": "image/svg+xml"}
# An address holds the digest of what it gives, so nobody needs to ask for it twice.
KEEP = "public, max-age=31536000, immutable"


class AssetsNotBuiltError(TargetingError):
    """The pages have no stylesheet: a checkout in which `frontend/` was not built."""


@dataclass(frozen=True)
class Asset:
    """One file that pages refer to."""

    name: str
    content: bytes

    @property
    def address(self) -> str:
        """Return where it is served: `/assets/DIGEST/targeting.css`."""
        return f"/assets/{sha256(self.content).hexdigest()[:12]}/{self.name}"


@cache
def read_assets(folder: Path = FOLDER) -> dict[str, Asset]:
    """Return every asset by name. Raises AssetsNotBuiltError, saying how to build them, where one is absent."""
    absent = [name for name in MEDIA_TYPES if not (folder / name).is_file()]
    if absent:
        raise AssetsNotBuiltError(
            f"the pages' {', '.join(absent)} is not built. In a checkout, with Node.js: "
            "`npm --prefix frontend ci && npm --prefix frontend run build`. An installed wheel brings them."
        )
    return {name: Asset(name, (folder / name).read_bytes()) for name in MEDIA_TYPES}


def asset_response(request: Request) -> Response:
    """Return an asset under its present address; an empty 404 under any other."""
    asset = read_assets().get(request.path_params["name"])
    if asset is None or request.url.path != asset.address:
        return Response(status_code=404)
    return Response(asset.content, media_type=MEDIA_TYPES[asset.name], headers={"Cache-Control": KEEP})
