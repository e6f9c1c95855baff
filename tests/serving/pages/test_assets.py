"""What pages refer to: built from the design system, without what belongs to gov.uk, kept for long."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from targeting.serving.pages.assets import FOLDER, AssetsNotBuiltError, read_assets

FRONTEND = Path(__file__).parents[3] / "frontend"


def test_an_asset_is_kept_for_a_year_under_an_address_that_changes_with_it(visitor: Any) -> None:
    for asset in read_assets().values():
        answer = visitor.get(asset.address)
        assert (answer.status_code, answer.content) == (200, asset.content)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert visitor.get(re.sub(r"/assets/\w+/", "/assets/000000000000/", asset.address)).status_code == 404


def test_without_the_stylesheet_nothing_starts_and_the_message_says_how_to_build_it(tmp_path: Path) -> None:
    (tmp_path / "icon.svg").write_text("<svg/>")
    with pytest.raises(
        AssetsNotBuiltError, match=r"targeting\.css, evidence\.css is not built.*npm --prefix frontend ci"
    ):
        read_assets(tmp_path)


def test_the_stylesheet_has_no_web_font_and_no_crown() -> None:
    style = (FOLDER / "targeting.css").read_text(encoding="utf-8")
    assert not re.search(r"@font-face|GDS Transport|crown|url\(", style, re.IGNORECASE)
    assert "arial,helvetica,sans-serif" in style


@pytest.mark.skipif(not FRONTEND.is_dir(), reason="a checkout has frontend/, an installed wheel has not")
def test_the_lock_file_names_versions_and_no_registry() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    assert not any("resolved" in package for package in lock["packages"].values())
    assert lock["packages"]["node_modules/govuk-frontend"]["version"].startswith("6.3.")
    assert "omit-lockfile-registry-resolved=true" in (FRONTEND / ".npmrc").read_text(encoding="utf-8").splitlines()
