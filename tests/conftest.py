"""The order of the test files: those that take long begin, so that no worker ends with one while the other has none."""

import pytest

LONGEST_FIRST = (
    "wheel/test_wheel.py",
    "linkage/test_synthetic_district.py",
    "serving/api/test_serve.py",
    "commands/test_demo.py",
    "catalogue/test_page_in_browser.py",
    "serving/scores/test_to_the_bit.py",
    "training/test_resuming.py",
    "features/test_slow_twin.py",
    "serving/api/test_schema_driven.py",
    "serving/test_publication_kills.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the files that take long to the front; each file's tests keep their order."""

    def place(item: pytest.Item) -> int:
        for at, name in enumerate(LONGEST_FIRST):
            if item.path.as_posix().endswith(f"tests/{name}"):
                return at
        return len(LONGEST_FIRST)

    items.sort(key=place)
