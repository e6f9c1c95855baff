"""The command `targeting`."""

from targeting.commands import main

if __name__ == "__main__":
    main()
