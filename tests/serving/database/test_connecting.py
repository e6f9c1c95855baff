"""Connections to a SQLite store: whoever is first gives it its journal, and nobody who comes meanwhile is refused."""

import threading
from pathlib import Path

from sqlalchemy import URL, text
from sqlalchemy.exc import OperationalError

from targeting.serving.database.connecting import writing_engine

STORES, WHO_OPEN = 40, 6


def test_of_those_who_open_a_new_store_at_the_same_moment_nobody_is_refused(tmp_path: Path) -> None:
    refused: list[OperationalError] = []

    def write(url: URL, begin: threading.Barrier) -> None:
        begin.wait()
        try:
            engine = writing_engine(url, is_flushed=True)
            with engine.begin() as connection:
                connection.execute(text("create table if not exists told (value)"))
                connection.execute(text("insert into told values (1)"))
            engine.dispose()
        except OperationalError as error:
            refused.append(error)

    for store in range(STORES):
        url, begin = URL.create("sqlite", database=str(tmp_path / f"{store}.sqlite")), threading.Barrier(WHO_OPEN)
        threads = [threading.Thread(target=write, args=(url, begin)) for _ in range(WHO_OPEN)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert refused == []
