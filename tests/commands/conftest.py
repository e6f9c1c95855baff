"""One run of the command line, as a person at a terminal meets it."""

import sys
from collections.abc import Callable

import pytest

from targeting.commands import main

Outcome = tuple[int, str, str]


@pytest.fixture
def targeting(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Return a function that runs one command and returns its exit code, standard output and standard error."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["targeting", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out, printed.err

    return run
