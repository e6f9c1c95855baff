"""A PostgreSQL of one's own for a while: no port, a socket in a folder that is gone at the end, and no root."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from targeting.errors import TargetingError

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True)
class Postgresql:
    """A server that runs, in its folder, as a user without rights."""

    folder: Path
    user: str | None

    @property
    def url(self) -> str:
        """Return the address of its first database, as TARGETING_DATABASE_URL names it."""
        return f"postgresql://targeting@/postgres?host={self.folder}"

    def control(self, *command: str) -> None:
        """Run `pg_ctl`. Raises TargetingError, with what it said, where that fails."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), *command)

    def restart(self) -> None:
        """Stop it, breaking off what is under way, and start it again."""
        self.control("-m", "fast", "restart")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's user."""
        environment = {"PATH": os.defpath, "LC_ALL": "C"}
        ended = subprocess.run(  # noqa: S603 - a program of Debian's.
            [str(PROGRAMS / program), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            user=self.user,
            cwd=self.folder,
            env=environment,
        )
        if ended.returncode:
            raise TargetingError(f"{program} failed: {ended.stderr[-500:]}")


@contextmanager
def private_postgresql() -> Iterator[Postgresql]:
    """Run one while the block runs. Raises TargetingError where Debian's postgresql-15 is absent."""
    if not PROGRAMS.is_dir():
        raise TargetingError(f"{PROGRAMS} is absent: scripts/install-debian-packages installs Debian's postgresql-15.")
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="targeting-postgresql-"))
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    server = Postgresql(folder, user)
    server.run("initdb", "-D", str(folder / "data"), "-U", "targeting", "-A", "trust", "-E", "UTF8")
    server.control("-o", f"-c listen_addresses='' -c unix_socket_directories={folder}", "start")
    try:
        yield server
    finally:
        server.control("-m", "immediate", "stop")
        shutil.rmtree(folder)
