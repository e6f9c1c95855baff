"""How much memory a process has taken at most: told by every benchmark that runs a subject by itself."""

from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_mib() -> float:
    """Return the most that this process ever held, in MiB.

    Not what getrusage tells: that is never less than the process held that started this one.
    """
    (peak,) = (line.split()[1] for line in STATUS.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
    return int(peak) / 1024
