"""The unit, the image, the compose file and the runbook: they name commands and files that exist."""

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from targeting.commands import main
from targeting.commands.app import app
from targeting.serving.access.definition import Access

SERVING = Path(__file__).parents[2] / "serving"
# An option that stands alone, as TOML's tables do.
OPTION = re.compile(r"--[a-z-]+")


def options_of(command: str) -> set[str]:
    found = get_command(app).commands[command]  # type: ignore[attr-defined]
    return {each for parameter in found.params for each in parameter.opts}


def test_every_command_of_the_runbook_exists_with_its_options():
    assert callable(main)
    text = (SERVING / "runbook.md").read_text(encoding="utf-8")
    said = re.findall(r"`targeting ([a-z-]+)([^`]*)`", text)
    assert {command for command, _ in said} >= {
        "serve",
        "backup",
        "restore",
        "audit-log",
        "suspend",
        "export",
        "load",
        "rotate-key",
    }
    for command, rest in said:
        assert set(OPTION.findall(rest)) <= options_of(command), command


def test_the_runbooks_declaration_is_one():
    text = (SERVING / "runbook.md").read_text(encoding="utf-8")
    declared = tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])["access"]
    told = {name: tuple(value) if isinstance(value, list) else value for name, value in declared.items()}
    for name in ("issuer", "client"):
        told[name] = tuple({k: tuple(v) if isinstance(v, list) else v for k, v in e.items()} for e in told[name])
    assert Access.model_validate(told).client[0].audiences == ("panel",)


def test_the_unit_and_the_image_run_the_same_command():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(SERVING / "targeting.service")
    command = unit["Service"]["ExecStart"].split()
    assert command[1:] == ["--project", "/srv/targeting", "serve", "--port", "8000", "--workers", "2"]
    image = (SERVING / "Dockerfile").read_text(encoding="utf-8")
    assert 'CMD ["serve", "--port", "8000", "--workers", "2"]' in image
    assert set(OPTION.findall(" ".join(command[3:]))) <= options_of("serve")
    assert "dockerfile: serving/Dockerfile" in (SERVING / "compose.yaml").read_text(encoding="utf-8")


def test_what_opens_the_identities_is_given_to_the_service_alone():
    services = yaml.safe_load((SERVING / "compose.yaml").read_text(encoding="utf-8"))
    told = services["services"]
    # What lies in serving/ goes into the wheel, and with it into the image.
    assert told["targeting"]["env_file"] == "/etc/targeting/environment"
    assert services["secrets"]["database-password"]["file"] == "/etc/targeting/database-password"
    assert "env_file" not in told["database"]
    assert {name: value for name, value in told["database"]["environment"].items() if "PASSWORD" in name} == {
        "POSTGRES_PASSWORD_FILE": "/run/secrets/database-password"
    }
    text = (SERVING / "runbook.md").read_text(encoding="utf-8")
    assert f"postgresql://{told['database']['environment']['POSTGRES_USER']}:PASSWORD@127.0.0.1/targeting" in text


def test_what_is_compiled_is_kept_where_it_may_be_written():
    folder = "/var/cache/targeting"
    unit = (SERVING / "targeting.service").read_text(encoding="utf-8")
    assert f"Environment=NUMBA_CACHE_DIR={folder}" in unit
    assert "CacheDirectory=targeting" in unit
    assert f"ENV NUMBA_CACHE_DIR={folder}" in (SERVING / "Dockerfile").read_text(encoding="utf-8")
    services = yaml.safe_load((SERVING / "compose.yaml").read_text(encoding="utf-8"))
    assert services["services"]["targeting"]["read_only"]
    assert f"kernel:{folder}" in services["services"]["targeting"]["volumes"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path):
    # It looks for the program, which is where the service is installed alone.
    unit = (
        (SERVING / "targeting.service").read_text(encoding="utf-8").replace("/opt/targeting/bin/targeting", "/bin/true")
    )
    path = tmp_path / "targeting.service"
    path.write_text(unit, encoding="utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
