"""The statutory returns that a council makes of the same histories: files beside the extracts, not loaded with them.

`returns/cin_census`, `returns/ssda903` and `returns/safeguarding_dataset` tell of social care what its own tables tell,
`returns/registers` gives schools' daily registers of the last two terms; each folder is a delivery of its own.
"""

from datetime import date
from pathlib import Path

from targeting.synthetic import cin_return, safeguarding_return, ssda903_return
from targeting.synthetic.social_care_tables import SocialCareTables
from targeting.synthetic.writing import Handover, Table, write_handover

FOLDER = "returns"


def end_of_last_year(end: date) -> date:
    """Return the last 31 March up to a day: the day to which the annual returns refer."""
    return date(end.year if end >= date(end.year, 3, 31) else end.year - 1, 3, 31)


def write_returns(out: Path, social_care: Handover, registers: Table, end: date) -> None:
    """Write the folder `returns` below `out`; annual returns are of the year to the last 31 March."""
    told = SocialCareTables.of(social_care)
    as_of = end_of_last_year(end)
    folder = out / FOLDER
    deliveries = (
        Handover("cin_census", ()),
        Handover("ssda903", ssda903_return.tables(told, as_of)),
        Handover("safeguarding_dataset", safeguarding_return.tables(told)),
        Handover("registers", (registers,)),
    )
    for delivery in deliveries:
        write_handover(delivery, folder, end)
    (folder / "cin_census" / f"CIN_{as_of.year}.xml").write_text(cin_return.census(told, as_of), encoding="utf-8")
