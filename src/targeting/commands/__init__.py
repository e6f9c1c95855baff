"""The command line: one module for each group of commands."""

from targeting.commands import data, demo, district, linkage, lists, models  # noqa: F401 - each registers its commands.
from targeting.commands.app import run

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    run()
