"""The command `targeting`."""


def main() -> None:
    """Run the command line."""
