"""A generation whose writing is killed at any flush or rename is whole or absent; the next writing makes it good."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from targeting.store import files
from targeting.store.contents import GenerationContents
from targeting.store.generations import open_generation, prune, write_generation


def killed_at(number: int, data: Path, contents: GenerationContents) -> bool:
    """Write a generation in a fork that kills itself just before its step of that number; return whether it did."""
    process = os.fork()
    if process:
        return os.WIFSIGNALED(os.waitpid(process, 0)[1])
    steps = iter(range(1000))

    def kill(_step: str) -> None:
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        files.before = kill
        write_generation(data, contents)
    finally:
        os._exit(0)


def test_killed_before_each_step_a_generation_is_the_old_one_or_the_new_one(
    contents: GenerationContents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = replace(contents, inputs={"a/visits.csv": "1" * 64})
    steps: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(files, "before", steps.append)
        old = write_generation(tmp_path / "calm", contents).id
        steps.clear()
        new = write_generation(tmp_path / "calm", later).id
    renamed = [step for step in steps if step.startswith("rename")]
    assert renamed == [f"rename {new}", "rename PREVIOUS", "rename CURRENT"]
    for number in range(len(steps)):
        data = tmp_path / str(number)
        write_generation(data, contents)
        assert killed_at(number, data, later)
        current = open_generation(data)
        current.verify()
        assert current.id == (new if number > steps.index("rename CURRENT") else old)
        assert write_generation(data, later).id == new
        prune(data)
        open_generation(data).verify()
        assert {path.name for path in (data / "generations").iterdir()} == {old, new}
    assert not killed_at(len(steps), tmp_path / "calm again", later)
