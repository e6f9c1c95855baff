"""Which day it is, to whoever reads a page."""

from datetime import date

from targeting.serving.access.reader import Reader
from targeting.serving.contents import ListHead
from targeting.serving.flow import LONDON
from targeting.serving.reading import Reading
from targeting.serving.sentences import in_words


def today_in(reading: Reading, reader: Reader) -> date:
    """Return today in London; in an invented district, whose time stands still, the date of its latest lists."""
    latest = _invented(reading, reader)
    return latest.as_of_date if latest else reading.database.clock().astimezone(LONDON).date()


def stands_still(reading: Reading, reader: Reader) -> str:
    """Return the notice that an invented district's time stands still, and when; empty for real people's records."""
    latest = _invented(reading, reader)
    if latest is None:
        return ""
    return f"Synthetic data: every {latest.one} is invented, and it is always {in_words(latest.as_of_date)} here."


def _invented(reading: Reading, reader: Reader) -> ListHead | None:
    """Return the latest list of an invented district; None where the district is real, or has no list."""
    lists = reading.lists(reader)
    return lists[0].head if lists and lists[0].head.synthetic else None
