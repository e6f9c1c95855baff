"""The command line: one module for each group of commands."""

# Each module registers its commands; the help page shows them in this order.
# isort: off
from targeting.commands import district, catalogue, init, demo, data, linkage, models, registry, studying, fairness  # noqa: F401
from targeting.commands import lists, objecting, reviewing, access, serve, working, watching, keeping, bench  # noqa: F401
from targeting.commands.app import run
# isort: on

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    run()
