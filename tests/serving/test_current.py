"""The current generation as a service asks for it: with every answer, and never an old one."""

from pathlib import Path

from targeting.serving.current import CurrentGeneration
from targeting.store.files import write_atomically
from targeting.store.generations import CURRENT


def test_another_generation_is_known_at_the_next_question(tmp_path: Path) -> None:
    current, found = CurrentGeneration(tmp_path), []
    for name in ("", "one", "two", "two", "one"):
        if name:
            write_atomically(tmp_path / CURRENT, f"{name}\n".encode())
        found.append(current.id())
    assert found == [None, "one", "two", "two", "one"]
