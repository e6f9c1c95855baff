"""What `fairness/policy.toml` declares: attributes and their class, groups, cuts, gating comparisons, disclosure."""

import hashlib
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from targeting.fairness.intervals import LEVEL
from targeting.fairness.maps import MAPS
from targeting.records.attributes import AttributeClass, AttributeRule
from targeting.toml_files import Declared


def _plain_date(value: object) -> object:
    if type(value) is date:
        return value
    kind, message = "plain_date", "should be a date written without quotes, such as 2027-04-01"
    raise PydanticCustomError(kind, message)


Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_plain_date)]
Disclosure = Literal["none", "suppress", "round:5"]
ALL = "all"
NOT_RECORDED = "not recorded"


class Columns(Declared):
    """Which columns of a file of scores mean what.

    `cluster` (none: each row its own) joins rows that are not independent, as the children of one family. `list`
    (none: one list) names the list a row was ranked on, each of which is cut by itself; `place` (none: the entity)
    what takes a place on it.
    """

    entity: Text = "entity_id"
    score: Text = "score"
    label: Text = "label_value"
    cluster: Text | None = None
    list: Text | None = None
    place: Text | None = None


class Attribute(Declared):
    """One attribute of people: how it may be used (`class`), where the audit reads it, and into which groups it falls.

    Without a `class` it is a split of the audit alone. Without a `column` or an `intersection` (of two or more other
    attributes) it is classed and not audited. `groups` maps a group to the values in it, or `map` names a versioned
    map of `maps` that does; a value in none is a group of its own. `as_known` says whether the audit takes what is
    known of a person by now, or was on the list's date; `gives_way` names values (not obtained, refused) that count
    only where no agency has another.
    """

    name: Text
    attribute_class: AttributeClass | None = Field(default=None, alias="class")
    column: Text | None = None
    intersection: tuple[Text, ...] = ()
    owner: str = ""
    reason: str = ""
    cost_of_dropping: str = ""
    review_date: Day | None = None
    map: Text | None = None
    groups: Mapping[Text, tuple[str, ...]] = Field(default_factory=dict)
    reference: Text | None = None
    reference_reason: str = ""
    as_known: Literal["latest", "on_the_date"] = "latest"
    gives_way: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _groups_of_map(cls, given: object) -> object:
        """Take the groups of the map that is named; a map that does not exist is told with the policy's faults."""
        if isinstance(given, dict) and "groups" not in given and given.get("map") in MAPS:
            return {**given, "groups": dict(MAPS[given["map"]])}
        return given

    @property
    def is_audited(self) -> bool:
        """Whether the audit has a table of it."""
        return self.column is not None or bool(self.intersection)


class Gating(Declared):
    """One comparison that can stop a model: `measure` of `group` against the attribute's reference, at a cut.

    `limit` is the largest gap that passes: for `..._difference` a number (0.1: ten points), either way; for
    `..._ratio` a factor (1.25), either way up. `detectable` is the smallest gap that the numbers of people could show,
    as `targeting audit MODEL --beforehand` computed it before training; `expected` (none: 0.5, where least can be
    told) is about how large the rate was thought to be then.
    """

    attribute: Text
    group: Text
    measure: Text
    cut: Text
    limit: Annotated[float, Field(gt=0)]
    reason: str = ""
    expected: Annotated[float, Field(gt=0, lt=1)] | None = None
    detectable: Annotated[float, Field(gt=0)] | None = None


class Decided(Declared):
    """Who chose attributes, references, comparisons and limits, and when."""

    by: Text
    on: Day


class Policy(Declared):
    """A district's rules of fairness; the same for a project, a vendor's file of scores and public data.

    `capacity` is how many families a week are listed, which cuts by `weeks:` go by.
    """

    public_data: bool = False
    disclosure: Disclosure = "suppress"
    unit: Literal["child", "person"] = "person"
    decided: Decided | None = None
    cuts: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]
    capacity: Annotated[int, Field(ge=1)] | None = None
    columns: Columns = Columns()
    attribute: tuple[Attribute, ...] = ()
    gating: tuple[Gating, ...] = ()

    @property
    def main_cut(self) -> str:
        """The cut of most gating comparisons, or the first where there are none."""
        gated = [gating.cut for gating in self.gating]
        return max(dict.fromkeys(gated), key=gated.count) if gated else self.cuts[0]

    @property
    def gating_level(self) -> float:
        """The level of each gating comparison's interval: all of them together err one time in twenty (Bonferroni)."""
        return 1 - (1 - LEVEL) / max(len(self.gating), 1)

    @property
    def digest(self) -> str:
        """The SHA-256 of all that is declared, whatever the file's layout and comments."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def audited(self) -> tuple[Attribute, ...]:
        """The attributes that the audit has a table of, in declared order."""
        return tuple(attribute for attribute in self.attribute if attribute.is_audited)

    def attribute_named(self, name: str) -> Attribute | None:
        """Return the attribute of that name, or None."""
        return next((attribute for attribute in self.attribute if attribute.name == name), None)

    def attribute_rules(self) -> Mapping[str, AttributeRule]:
        """Return how each classed attribute may be used, by name, as the compiler of indicators reads it."""
        return MappingProxyType({a.name: _rule(a, a.attribute_class) for a in self.attribute if a.attribute_class})


def _rule(attribute: Attribute, attribute_class: AttributeClass) -> AttributeRule:
    return AttributeRule(
        name=attribute.name,
        attribute_class=attribute_class,
        owner=attribute.owner,
        reason=attribute.reason,
        review_date=attribute.review_date,
    )
