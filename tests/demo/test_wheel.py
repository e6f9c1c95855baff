"""The wheel alone, in an empty environment: the demo and a second district, with no checkout in reach."""

import json
import re
import tomllib
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

ROOT = Path(__file__).parents[2]
STYLES = ROOT / "src/targeting/serving/pages/assets"
DECLARED = ("targeting.toml", "features", "models", "training", "fairness", "serving", "notebooks")


def test_the_wheel_carries_the_code_the_pages_and_the_declarations_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as held:
        names = {name for name in held.namelist() if ".dist-info/" not in name}
    code = {f"targeting/{name}" for name in _files(ROOT / "src/targeting")}
    template = {f"targeting/template/{name}" for part in DECLARED for name in _files_of(part)}
    assert (names - code - template, code - names, template - names) == (set(), set(), set())


def test_the_wheel_carries_styles_templates_and_the_beginnings_of_a_district_but_no_tests_or_data(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    if _files(STYLES):
        assert [name for name in names if re.fullmatch(r"targeting/serving/pages/assets/.*\.css", name)]
    assert [name for name in names if name.startswith("targeting/serving/pages/templates/")]
    assert {"targeting/project/starter/README.md", "targeting/project/starter/gitignore"} <= set(names)
    unwanted = re.compile(
        r"(^|/)(tests?|node_modules|var|mlruns|keys|benchmarks|frontend|docs)/|\.(parquet|duckdb|pem)$"
    )
    assert [name for name in names if unwanted.search(name)] == []


def test_what_runs_is_the_installed_package_and_no_path_leads_to_the_checkout(machine) -> None:
    code, out, err = machine.run("python", "-c", "import sys, targeting; print(targeting.__file__, *sys.path)")
    assert (code, err) == (0, "")
    assert out.startswith(str(machine.folder / "environment"))
    assert [path for path in out.split() if Path(path).is_relative_to(ROOT)] == []


def test_a_demo_runs_from_an_empty_folder_to_a_judged_model(machine, ran) -> None:
    code, out, err = ran.demo
    assert (code, "Traceback" in err) == (0, False)
    rows, accepted, quarantined = _numbers(r"([\d,]+) rows: ([\d,]+) accepted, ([\d,]+) quarantined", out)
    assert rows == accepted + quarantined
    records, people, families = _numbers(r"([\d,]+) agency records are ([\d,]+) people in ([\d,]+) families", out)
    truth = machine.work / "targeting-demo/extracts/truth"
    assert records > people > families > ran.families
    assert truth.is_dir()
    assert re.search(r"may not be used: .*gate beats_by_hand failed", " ".join(out.split()))
    assert "So the points rule orders the lists." in " ".join(out.split())


def test_a_list_is_read_by_its_date_and_a_date_without_one_names_those_that_exist(machine, ran) -> None:
    assert ran.demo[0] == 0
    code, out, _ = machine.run("targeting", "--project", "targeting-demo", "list", "--as-of", "2026-03-16", "--json")
    assert (code, {each["list"]["as_of_date"] for each in json.loads(out)}) == (0, {"2026-03-16"})
    code, _, err = machine.run("targeting", "--project", "targeting-demo", "list", "--as-of", "2026-03-17")
    said = "no list is as of 2026-03-17. Lists exist as of 2026-03-09, 2026-03-16, 2026-03-23, 2026-03-30."
    assert (code, said in " ".join(err.split())) == (2, True)


def test_the_demos_data_models_and_experiments_lie_in_its_folder(machine, ran) -> None:
    assert ran.demo[0] == 0
    demo = machine.work / "targeting-demo"
    in_work, candidates = ran.left
    assert (in_work, len(candidates)) == ({"targeting-demo"}, 1)
    assert (demo / "mlruns/mlflow.db").stat().st_size > 100_000
    code, out, _ = machine.run("targeting", "--project", "targeting-demo", "check", "--json")
    assert (code, json.loads(out)["sources"], json.loads(out)["models"]) == (0, 15, 4)


def test_a_second_district_starts_from_the_wheel_and_passes_its_check(machine, ran) -> None:
    (made, _, _), (code, out, _) = ran.second
    assert (made, code) == (0, 0)
    second, own = json.loads(out), _declared(machine.work / "second")
    assert second["district"] == own["name"] == "Second district"
    indicators = sum(path.read_text().count(" = Indicator(") for path in (ROOT / "features").glob("*.py"))
    assert (second["sources"], second["indicators"], second["models"]) == (15, indicators, 4)
    assert "[[signer]]" not in (machine.work / "second/serving/signers.toml").read_text().replace("# [[signer]]", "")


def test_no_file_is_written_outside_the_working_folder_but_the_compiled_kernel(ran) -> None:
    new = ran.after - ran.before
    assert [name for name in sorted(new) if not name.startswith("home/.cache/targeting/")] == []
    assert ran.before - ran.after == set()
    before, after = ran.checkout
    assert after - before == set()


@pytest.mark.skipif(not STYLES.is_dir(), reason="the pages' styles are NOT built here: `make test` builds them")
def test_the_installed_package_serves_its_pages_with_their_styles(machine, ran) -> None:
    assert ran.demo[0] == 0
    with machine.running("targeting", "--project", "targeting-demo", "serve", "--port", "0") as serving:
        links = (re.search(r"chair +((http://127\.0\.0\.1:\d+)/sign-in/\S+)", line) for line in serving)
        link, address = next(found.groups() for found in links if found)
        with httpx.Client(follow_redirects=True, headers={"Accept": "text/html"}) as browser:
            page = browser.get(link)
        assert (page.status_code, "ordered by a points rule" in page.text) == (200, True)
        style, *_ = re.findall(r'href="(/assets/[^"]+\.css)"', page.text)
        assert len(httpx.get(address + style).content) == (STYLES / "targeting.css").stat().st_size


def test_the_wheel_has_no_benchmarks_and_says_so(machine) -> None:
    code, out, err = machine.run("targeting", "bench", "api")
    assert (code, out) == (2, "")
    assert "benchmarks lie in a checkout of Targeting; an installed package carries none." in err


def _files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)) for path in paths}


def _files_of(part: str) -> set[str]:
    path = ROOT / part
    return {part} if path.is_file() else {f"{part}/{name}" for name in _files(path)}


def _numbers(pattern: str, text: str) -> list[int]:
    found = re.search(pattern, " ".join(text.split()))
    assert found, pattern
    return [int(number.replace(",", "")) for number in found.groups()]


def _declared(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "targeting.toml").read_text(encoding="utf-8"))
