"""The order of the test files: those that take long begin, so that no worker ends with one while the other has none."""

import pytest

LONGEST_FIRST = (
    "wheel/test_wheel.py",
    "commands/test_demo.py",
    "serving/api/test_serve.py",
    "serving/pages/test_browser.py",
    "commands/test_linkage.py",
    "serving/api/test_schema_driven.py",
    "catalogue/test_page_in_browser.py",
    "serving/scores/test_to_the_bit.py",
    "sources/test_kills.py",
    "synthetic/test_restricted.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the files that take long to the front; each file's tests keep their order."""

    def place(item: pytest.Item) -> int:
        for at, name in enumerate(LONGEST_FIRST):
            if item.path.as_posix().endswith(f"tests/{name}"):
                return at
        return len(LONGEST_FIRST)

    items.sort(key=place)
