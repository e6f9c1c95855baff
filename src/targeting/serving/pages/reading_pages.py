"""The pages that are read alone: lists, families, the model, its audit, problems."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from targeting.serving.access.permissions import rule_of
from targeting.serving.access.reader import Reader, may
from targeting.serving.api.guard import reader_of, show
from targeting.serving.contents import FamilyRecord, Resting
from targeting.serving.library import Found
from targeting.serving.pages.agenda import agenda_of, in_agenda_order
from targeting.serving.pages.answering import page
from targeting.serving.pages.decision_words import CHOICES
from targeting.serving.pages.evidence_page import bar_of, document
from targeting.serving.pages.family_page import FamilyView, Opened, view_of_family
from targeting.serving.pages.filters import Row, filters_of
from targeting.serving.pages.list_page import Gone, ListView, by_date, view_of_list
from targeting.serving.pages.model_words import catalogue, model_of
from targeting.serving.pages.notices import Link
from targeting.serving.pages.print_style import print_style
from targeting.serving.pages.rendering import LIST, NO_STORE
from targeting.serving.pages.sign_in import signed_in_of
from targeting.serving.pages.standing import standings
from targeting.serving.pages.today import stands_still, today_in
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading, ReadList
from targeting.serving.served import Served


class ProblemType(Protocol):
    """What a problem's page shows."""

    @property
    def slug(self) -> str:
        """The last part of its address."""

    @property
    def title(self) -> str:
        """What went wrong, in a few words."""

    @property
    def status(self) -> int:
        """The HTTP status that it comes with."""

    @property
    def explanation(self) -> str:
        """What it means, and what to do."""


class ReadingPages:
    """The pages over one service's lists."""

    def __init__(self, served: Served, reading: Reading, problem_types: Mapping[str, ProblemType]) -> None:
        self._served, self._reading = served, reading
        self._problem_types = problem_types

    def this_week(self, request: Request) -> Response:
        """Return the way to the first list of the latest date, or how to come by one; to the map for whom has none."""
        reader = reader_of(request)
        if not may(reader, rule_of(*LIST)):
            return RedirectResponse("/district", status_code=307, headers=NO_STORE)
        lists = self._reading.lists(reader)
        if not lists:
            return self._page(request, "no_list.html", section="/")
        return RedirectResponse(f"/lists/{lists[0].head.id}", status_code=307, headers=NO_STORE)

    def all_lists(self, request: Request) -> Response:
        """Return every published list under its date."""
        reader = reader_of(request)
        told = {"dates": by_date(self._reading.lists(reader)), "stands_still": stands_still(self._reading, reader)}
        return self._page(request, "lists.html", section="/lists", **told)

    def one_list(self, request: Request) -> Response:
        """Return one list with its families."""
        reader = reader_of(request)
        published = self._reading.list(reader, request.path_params["list_id"])
        if published is None:
            raise HTTPException(404)
        view = self._list_view(request, published, request.query_params)
        told = [*(each.family_id for each in view.entries), *(each.family_id for each in view.resting)]
        show(request, what=published.head.id, families=told)
        return self._listed_page(request, "list.html", published, view=view)

    def family(self, request: Request) -> Response:
        """Return one family on its list."""
        reader = reader_of(request)
        found = self._reading.flag(reader, request.path_params["flag_id"])
        if found is None:
            raise HTTPException(404)
        show(request, what=found.flag.id, families=[found.flag.family_id])
        view = self._family_view(request, found)
        return self._listed_page(request, "family.html", found.on, view=view, choices=CHOICES)

    def former(self, request: Request) -> Response:
        """Return who does not belong to a family any more: a page of its own, for one household is not another's."""
        found = self._reading.flag(reader_of(request), request.path_params["flag_id"])
        if found is None:
            raise HTTPException(404)
        show(request, what=found.flag.id, families=[found.flag.family_id])
        return self._listed_page(request, "former.html", found.on, view=self._family_view(request, found))

    def indicators(self, request: Request) -> Response:
        """Return the catalogue of the model that made the lists of the latest date."""
        bundle = self._served.current_bundle()
        if bundle is None:
            return self._page(request, "no_list.html", section="/indicators")
        told = {"concerns": catalogue(bundle), "title": bundle.origin.title}
        return self._page(request, "indicators.html", section="/indicators", **told)

    def model(self, request: Request) -> Response:
        """Return the card of the model that made the lists of the latest date."""
        return self._document(request, "/model")

    def audit(self, request: Request) -> Response:
        """Return the fairness audit of the model that made the lists of the latest date."""
        return self._document(request, "/audit")

    def problems(self, request: Request) -> Response:
        """Return every type of problem."""
        return self._page(request, "problems.html", types=tuple(self._problem_types.values()))

    def problem(self, request: Request) -> Response:
        """Return one type of problem: what its address, in an answer of the API, leads to."""
        found = self._problem_types.get(request.path_params["slug"])
        if found is None:
            raise HTTPException(404)
        return self._page(request, "problem.html", type=found)

    def print_style(self, request: Request) -> Response:
        """Return what stands in the margins of a printed list."""
        style = print_style(request.path_params["name"], district=self._served.district)
        if style is None:
            raise HTTPException(404)
        return Response(style, media_type="text/css", headers=NO_STORE)

    def whole_list(self, request: Request, published: PublishedList) -> ListView:
        """Return a list as its page shows it to whoever asks, all families of it."""
        return self._list_view(request, published, {})

    def _list_view(self, request: Request, published: PublishedList, asked: Mapping[str, str]) -> ListView:
        reader = reader_of(request)
        read, lists = self._reading.read_list(reader, published), self._reading.lists(reader)
        together = tuple(each for each in lists if each.head.as_of_date == published.head.as_of_date)
        sealed, gone = self._reading.sealed_to(reader), self._gone(request, read, asked)
        resting = tuple(self._led_to(reader, each) for each in published.resting if each.family_id not in sealed)
        read = replace(read, published=read.published.showing(read.published.flags, resting=resting))
        return view_of_list(read, gone, together=together, model=model_of(self._served, published))

    def _led_to(self, reader: Reader, resting: Resting) -> Resting:
        """Return a family that rests without its flag's id where the flag is not this reader's, as after a move."""
        is_theirs = self._reading.may_see(reader, resting.flag_id) is not None
        return resting if is_theirs else resting.model_copy(update={"flag_id": ""})

    def _gone(self, request: Request, read: ReadList, asked: Mapping[str, str]) -> Gone:
        reader, published = reader_of(request), read.published
        agenda = agenda_of(self._reading, reader, published)
        ordered = in_agenda_order(published, agenda).flags
        stand = standings(self._reading, reader, published, ordered)
        beside = {each.id: self._reading.read_family(reader, published, each) for each in ordered}
        records = {flag_id: held.record if held else None for flag_id, held in beside.items()}
        rows = tuple(
            Row(flag=each, record=records[each.id], standing=stand[each.id], **self._place_of(records[each.id]))
            for each in ordered
        )
        today = today_in(self._reading, reader)
        return Gone(today=today, agenda=agenda, filters=filters_of(rows, asked), rows=rows)

    def _place_of(self, record: FamilyRecord | None) -> Mapping[str, str]:
        """Return what a family's ward and cluster are called, by what rows call them."""
        ward_set, ward = self._served.beside.ward_set, record.ward if record else ""
        if ward_set is None or not ward:
            return {"ward": ward}
        cluster = ward_set.cluster_of(ward)
        return {"ward": ward_set.name_of(ward), "cluster": cluster.title if cluster else ""}

    def _family_view(self, request: Request, found: Found) -> FamilyView:
        reader = reader_of(request)
        agenda = agenda_of(self._reading, reader, found.on)
        read = self._reading.read_list(reader, found.on)
        read = replace(read, published=in_agenda_order(read.published, agenda))
        opened = Opened(
            today=today_in(self._reading, reader),
            successors=self._successors(reader, found),
            agenda=agenda,
            standing=standings(self._reading, reader, found.on, [found.flag])[found.flag.id],
            family=self._reading.read_family(reader, found.on, found.flag),
        )
        return view_of_family(found, read, opened, model_of(self._served, found.on))

    def _successors(self, reader: Reader, found: Found) -> tuple[Link, ...]:
        """Return the families that a family went on as, each with the way to its latest flag if the reader has one."""
        names = self._reading.successors_of(reader, found.family_id)
        latest = {each.family_id: each for each in reversed([*self._reading.flags_of(reader, set(names))])}
        return tuple(Link(name, f"/flags/{latest[name].id}" if name in latest else "") for name in names)

    def _document(self, request: Request, section: str) -> Response:
        bundle = self._served.current_bundle()
        if bundle is None:
            return self._page(request, "no_list.html", section=section)
        nonce = str(getattr(request.state, "csp_nonce", ""))
        bar = bar_of(signed_in_of(request), district=self._served.district)
        shown = document(bundle, section, signed=self._served.signed(bundle), bar=bar, nonce=nonce)
        return shown or self._page(request, "no_document.html", section=section)

    def _listed_page(self, request: Request, template: str, published: PublishedList, **values: Any) -> Response:
        is_latest = any(each.head.id == published.head.id for each in self._served.library.current())
        section = "/" if is_latest else "/lists"
        return self._page(request, template, section=section, is_latest=is_latest, **values)

    def _page(self, request: Request, template: str, *, section: str = "", **values: Any) -> Response:
        return page(request, template, district=self._served.district, section=section, **values)
