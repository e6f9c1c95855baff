"""How test files are handed to workers: those that take long begin, so that no worker ends with one alone.

The first waits more than it computes, and the second, beside it, computes.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

LONGEST_FIRST = (
    "serving/api/test_mixed_load.py",
    "demo/test_wheel.py",
    "demo/test_demo.py",
    "serving/pages/test_browser.py",
    "serving/api/test_serve.py",
    "serving/api/test_schema_driven.py",
    "commands/test_linkage.py",
    "catalogue/test_page_in_browser.py",
    "sources/test_kills.py",
    "serving/scores/test_to_the_bit.py",
    "serving/scores/test_many_at_once.py",
    "synthetic/test_restricted.py",
)
# Folders whose files share something that takes long to make: one worker runs them.
TOGETHER = ("tests/demo/", "tests/serving/scores/", "tests/synthetic/")


class _FilesTogether(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Return what hands whole files to workers, and whole folders of those that belong together."""
    return _FilesTogether(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the files that take long to the front; each file's tests keep their order."""

    def place(item: pytest.Item) -> int:
        for at, name in enumerate(LONGEST_FIRST):
            if item.path.as_posix().endswith(f"tests/{name}"):
                return at
        return len(LONGEST_FIRST)

    items.sort(key=place)
