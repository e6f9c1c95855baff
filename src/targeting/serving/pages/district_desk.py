"""The district's pages: a tile map of its wards and the same figures as a table, and one cluster's wards."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from targeting.serving.district.centre_reach import children_reached
from targeting.serving.district.decided_flags import DecidedFlags
from targeting.serving.district.figures import AreaFigures, Areas, areas_of, figures_of, figures_on
from targeting.serving.district.panel_wards import known_wards
from targeting.serving.district.seen import FlagSeen, families_seen, how_far
from targeting.serving.district.tiles import tiles_of
from targeting.serving.district.ward_set import Cluster, WardSet
from targeting.serving.pages.apart_words import apart_of_district
from targeting.serving.pages.centre_words import ReachSaid, band_key, reach_said
from targeting.serving.pages.district_words import (
    TITLES,
    Figure,
    boundaries_said,
    columns_of_decided,
    columns_of_need,
    map_said,
    row_of_all,
    rows_said,
    shades,
    titles_of,
    without_need,
)
from targeting.serving.pages.rendering import Page, render
from targeting.serving.pages.sign_in import signed_in_of
from targeting.serving.pages.words import reach
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading
from targeting.serving.sentences import in_words
from targeting.serving.served import Served
from targeting.serving.suspended import suspended_notice

ELSEWHERE, CLUSTER = "elsewhere", "cluster:"
NOWHERE = "No known address, or outside these wards"


def add_district_pages(router: APIRouter, served: Served, reading: Reading) -> None:
    """Add the pages of the district to the pages' routes."""
    desk = DistrictDesk(served, reading)
    for path, endpoint in {"/district": desk.district, "/district/clusters/{cluster}": desk.cluster}.items():
        router.add_api_route(path, endpoint, name=path, response_class=HTMLResponse, include_in_schema=False)


@dataclass(frozen=True)
class _Standing:
    """What holds as long as the same lists are published, whatever is decided."""

    lists: tuple[str, ...]
    flags: tuple[FlagSeen, ...]
    areas: Areas


class DistrictDesk:
    """The pages of the district over one service. They name no family, and no count of a few of them.

    All panels' lists are in them, whoever reads: figures of some beside figures of all would give counts of a few away.
    Nor does one who takes the families of the own panel away from them learn of a few others.
    """

    def __init__(self, served: Served, reading: Reading) -> None:
        self._served, self._reading, self._decided = served, reading, DecidedFlags()
        self._standing: _Standing | None = None
        self._known: tuple[object, Mapping[str, AreaFigures]] | None = None
        self._lock = Lock()
        self._reached: tuple[str, Mapping[str, AreaFigures]] | None = None

    def district(self, request: Request) -> Response:
        """Return the map and the table of all wards."""
        ward_set, lists = self._served.beside.ward_set, self._served.library.lists()
        if ward_set is None or not lists:
            return self._page(request, "no_map.html", has_lists=bool(lists))
        return self._shown(request, ward_set, lists, None)

    def cluster(self, request: Request) -> Response:
        """Return the wards of one cluster of children's centres."""
        ward_set, lists = self._served.beside.ward_set, self._served.library.lists()
        named = request.path_params["cluster"]
        found = next((each for each in ward_set.cluster if each.name == named), None) if ward_set else None
        if ward_set is None or found is None or not lists:
            raise HTTPException(404)
        return self._shown(request, ward_set, lists, found)

    def _shown(
        self, request: Request, ward_set: WardSet, lists: tuple[PublishedList, ...], cluster: Cluster | None
    ) -> Response:
        asked = request.query_params
        suspended = self._reading.suspended(lists[0])
        titles = titles_of(lists[0].head.many, is_suspended=suspended is not None)
        may_shade = shades(titles, is_suspended=suspended is not None)
        shown: Figure = next((each for each in may_shade if each == asked.get("show")), next(iter(may_shade)))
        names = ("name", *TITLES, *(each.name for each in ward_set.earlier))
        by = next((each for each in names if each == asked.get("sort")), shown)
        rising = asked.get("order", "up" if by == "name" else "down") == "up"
        figures, head = self._figures(ward_set, lists), lists[0].head
        figures = without_need(figures) if suspended else figures
        wards = [each for each in ward_set.ward if cluster is None or each.code in cluster.wards]
        together = figures[f"{CLUSTER}{cluster.name}" if cluster else ""]
        sorting: dict[str, Any] = {"by": by, "rising": rising, "to": f"{request.url.path}?show={shown}"}
        values: dict[str, Any] = {
            "ward_set": ward_set,
            "cluster": cluster,
            "head": head,
            "suspended": suspended_notice(suspended),
            "as_of": in_words(head.as_of_date),
            "has_wards": bool(figures[""].considered or figures[""].considered is None),
            "shown": shown,
            "figures": may_shade,
            **self._maps(ward_set, figures, shown, titles[shown], is_whole=cluster is None),
            "need": columns_of_need(titles, ward_set, **sorting),
            "decided": columns_of_decided(titles, **sorting),
            "sorted_by": by,
            "order": "up" if rising else "down",
            "rows": rows_said(wards, ward_set, figures, by=by, rising=rising),
            "together": row_of_all("The whole cluster" if cluster else "The whole district", together, ward_set),
            "elsewhere": row_of_all(NOWHERE, figures[ELSEWHERE], ward_set) if cluster is None else None,
            "sources": tuple(dict.fromkeys(each.source for each in ward_set.earlier)),
            "apart": () if cluster else self._apart(),
            "reach": reach(head.data_as_of),
            "centres": self._centres(ward_set, lists[0], cluster),
            "bands": band_key(),
        }
        return self._page(request, "district.html", **values)

    def _maps(
        self, ward_set: WardSet, figures: Mapping[str, AreaFigures], shown: Figure, title: str, *, is_whole: bool
    ) -> Mapping[str, object]:
        """Return the district's map within its wards' boundaries where they are declared, else of tiles; else none."""
        drawn = self._served.beside.boundaries
        tiles = (
            map_said(ward_set, tiles_of(ward_set.ward), figures, shown, title) if is_whole and drawn is None else None
        )
        outlines = boundaries_said(ward_set, drawn, figures, shown, title) if is_whole and drawn is not None else None
        return {"map": tiles, "boundaries": outlines}

    def _apart(self) -> tuple[str, ...]:
        return apart_of_district([each.head for each in self._served.library.current()]).sentences

    def _figures(self, ward_set: WardSet, lists: tuple[PublishedList, ...]) -> Mapping[str, AreaFigures]:
        """Return the figures of all areas, kept until a list or a decision is new."""
        named = tuple(each.head.id for each in lists)
        # One of many who ask at once counts, and the others wait for that.
        with self._lock:
            if self._standing is None or self._standing.lists != named:
                self._standing, self._known = self._standing_of(ward_set, lists, named), None
            decided = self._decided.now(self._reading.database)
            if self._known is None or self._known[0] is not decided:
                seen = how_far(self._standing.flags, decided)
                self._known = decided, figures_on(self._standing.areas, seen)
            return self._known[1]

    def _standing_of(self, ward_set: WardSet, lists: tuple[PublishedList, ...], named: tuple[str, ...]) -> _Standing:
        seen, areas = families_seen(self._served.data, lists), _areas(ward_set)
        declared = {each.code for each in ward_set.ward}
        wards = declared | set(np.unique(seen.families.ward).tolist())
        areas[ELSEWHERE] = tuple(sorted(wards - declared))
        return _Standing(named, seen.flags, areas_of(seen.families, areas, known=known_wards(lists, wards)))

    def _centres(self, ward_set: WardSet, published: PublishedList, cluster: Cluster | None) -> tuple[ReachSaid, ...]:
        """Return how far children's centres reach: cluster by cluster, or ward by ward in one; none where not counted.

        Lists never change, so neither does what was counted with them.
        """
        if self._reached is None or self._reached[0] != published.head.id:
            children = children_reached(self._served.data, published)
            self._reached = published.head.id, figures_of(children, _areas(ward_set)) if children else {}
        found = self._reached[1]
        if not found or not ward_set.cluster:
            return ()
        if cluster is None:
            named = [(each.title, f"/district/clusters/{each.name}", each.name) for each in ward_set.cluster]
            rows = [(title, href, f"{CLUSTER}{name}") for title, href, name in named]
            rows.append(("The whole district", "", ""))
        else:
            rows = [(ward_set.name_of(ward), "", ward) for ward in cluster.wards]
            rows.append(("The whole cluster", "", f"{CLUSTER}{cluster.name}"))
        return reach_said([(name, href, found[area]) for name, href, area in rows])

    def _page(self, request: Request, template: str, **values: object) -> Response:
        page = Page(template=template, values=values, section="/district", signed_in=signed_in_of(request))
        return render(page, district=self._served.district)


def _areas(ward_set: WardSet) -> dict[str, tuple[str, ...]]:
    """Return the wards of each ward and cluster, by what their figures are called."""
    wards = {code: (code,) for code in sorted(each.code for each in ward_set.ward)}
    return wards | {f"{CLUSTER}{each.name}": each.wards for each in ward_set.cluster}
