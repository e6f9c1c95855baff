"""How much memory a process has taken at most: told by every benchmark that runs a subject by itself."""

from pathlib import Path

SELF = Path("/proc/self")


def peak_mib(process: Path = SELF) -> float:
    """Return the most that a process, by its folder below /proc, ever held, in MiB. Raises OSError where it is gone.

    Not what getrusage tells: that is never less than the process held that started this one.
    """
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    # A process that has ended and is not yet waited for holds nothing, and has no such line.
    return max((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), default=0) / 1024
