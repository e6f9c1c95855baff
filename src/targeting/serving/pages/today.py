"""Which day it is, to whoever reads a page."""

from datetime import date

from targeting.serving.access.reader import Reader
from targeting.serving.flow import LONDON
from targeting.serving.reading import Reading
from targeting.serving.sentences import in_words


def today_in(reading: Reading, reader: Reader) -> date:
    """Return today in London; in an invented district, whose time stands still, the date of its latest lists."""
    return _day_it_stands(reading, reader) or reading.database.clock().astimezone(LONDON).date()


def stands_still(reading: Reading, reader: Reader) -> str:
    """Return the notice that an invented district's time stands still, and when; empty for real people's records."""
    day = _day_it_stands(reading, reader)
    return f"Synthetic data: every family is invented, and it is always {in_words(day)} here." if day else ""


def _day_it_stands(reading: Reading, reader: Reader) -> date | None:
    lists = reading.lists(reader)
    return lists[0].head.as_of_date if lists and lists[0].head.synthetic else None
