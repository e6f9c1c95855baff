"""Publishing, one function a step: the lists of a date, what proves them, and what expires."""

from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from targeting import __version__
from targeting.errors import TargetingError
from targeting.project.project import Project

if TYPE_CHECKING:
    from targeting.models.bundle import Bundle
    from targeting.serving.contents import Passport
    from targeting.serving.published import PublishedList
    from targeting.serving.week import MadeFrom


def publish_lists(project: Project, *, as_of_date: date, published_at: datetime) -> "tuple[PublishedList, ...]":
    """Publish every list of a date with the model in use, by what was decided and objected to until now."""
    from targeting.commands.leaving_out import generation_to_score
    from targeting.serving.chaining import list_key, sealing
    from targeting.serving.database.database import open_database
    from targeting.serving.database.decisions import known_by
    from targeting.serving.lists import FromStore, publish
    from targeting.store.identities import identity_key

    made, key = made_from(project, as_of_date), identity_key(project.data)
    with closing(open_database(project.data, key=key)) as database:
        with database.reading() as connection:
            decided = known_by(connection, published_at)
        return publish(
            replace(made, generation=generation_to_score(project, on=as_of_date, known_at=published_at)),
            data=project.data,
            as_of_date=as_of_date,
            published_at=published_at,
            store=FromStore(decided, sealing(database, list_key(key))),
        )


def fallback_bundle(project: Project, on: date) -> "Bundle":
    """Return the bundle of the points rule that is declared for the lists' model."""
    from targeting.serving.fallback import Declared, points_bundle
    from targeting.store.generations import open_generation

    if project.service is None:
        raise TargetingError("serving/service.toml does not exist: it says which model the lists use.")
    model = project.model(project.service.model)
    declared = Declared(
        model=model,
        plan=project.plan(model, on=on),
        rules=project.training(model.name).baselines.points,
        synthetic=open_generation(project.data).synthetic,
        declarations_digest=project.declarations_digest,
        code_version=__version__,
    )
    return points_bundle(declared, project.data)


def made_from(project: Project, as_of_date: date) -> "MadeFrom":
    """Return what the lists of a date are made from; the bundle in use is checked again.

    Where that is suspended or there is none, and service.toml declares it, they are made from the points rule.
    """
    from targeting.models.registry import current_bundle
    from targeting.serving.fallback import by_points, is_needed
    from targeting.serving.week import MadeFrom
    from targeting.store.generations import open_generation

    if project.service is None:
        raise TargetingError("serving/service.toml does not exist: it says which panels read which lists.")
    model = project.model(project.service.model)
    if is_needed(project.data, project.service):
        service, bundle = by_points(project.service), fallback_bundle(project, as_of_date)
    else:
        service = project.service
        bundle = current_bundle(project.data, model.name, signers=project.signers, on=as_of_date)
    return MadeFrom(
        generation=open_generation(project.data),
        bundle=bundle,
        service=service,
        cohorts={name: project.cohort_plan(name, model, on=as_of_date) for name in project.service.cohorts()},
        declarations_digest=project.declarations_digest,
        code_version=__version__,
    )


def verify_list(project: Project, list_id: str) -> tuple[str, ...]:
    """Return what of a list does not come out again, or is not what its chain and the audit log say.

    Of a tombstone the chain and the log are all that can be proved.
    """
    from targeting.serving.chaining import chain_faults, file_faults, list_key, log_faults
    from targeting.serving.database.database import open_database
    from targeting.serving.published import is_kept, list_files, read_chain, read_list
    from targeting.store.identities import identity_key

    key, chain = identity_key(project.data), read_chain(project.data, list_id)
    with closing(open_database(project.data, key=key)) as database:
        faults = (*chain_faults(list_id, chain, key=list_key(key)), *log_faults(list_id, chain, database))
    if not is_kept(project.data, list_id):
        return faults
    published = read_list(project.data, list_id)
    again = ((each.flag.id, verify_passport(project, each)) for each in published.passports)
    return (
        *faults,
        *file_faults(chain, list_files(project.data, list_id)),
        *(f"flag {flag}: {fault}" for flag, found in again for fault in found),
    )


def binding_faults(project: Project, passport: "Passport") -> tuple[str, ...]:
    """Return where a passport is not the one that its list's chain binds, or the chain or the audit log do not hold."""
    from targeting.serving.chaining import chain_faults, file_faults, list_key, log_faults
    from targeting.serving.database.database import open_database
    from targeting.serving.published import list_files, read_chain
    from targeting.store.identities import identity_key

    list_id, key = passport.flag.list_id, identity_key(project.data)
    chain, files = read_chain(project.data, list_id), list_files(project.data, list_id)
    with closing(open_database(project.data, key=key)) as database:
        return (
            *chain_faults(list_id, chain, key=list_key(key)),
            *file_faults(chain, files, only=passport.flag.id),
            *log_faults(list_id, chain, database),
        )


def expire_lists(project: Project, *, on: date) -> tuple[str, ...]:
    """Make tombstones of the lists whose keeping ended before a day; an audit event names each."""
    from targeting.serving.chaining import expiry_of
    from targeting.serving.database.database import open_database
    from targeting.serving.district.family_wards import forget_family_wards
    from targeting.serving.writing_lists import expire_lists
    from targeting.store.identities import identity_key

    with closing(open_database(project.data, key=identity_key(project.data))) as database:
        expired = expire_lists(project.data, on=on)
        forget_family_wards(project.data)
        for list_id in expired:
            database.record(expiry_of(list_id))
    return expired


def verify_passport(project: Project, passport: "Passport") -> tuple[str, ...]:
    """Return what does not come out again from a passport's own values, by the bundle that it names."""
    from targeting.models.registry import bundle_of_digest
    from targeting.serving.passport import verify

    made_by = passport.provenance
    return verify(passport, bundle_of_digest(project.data, made_by.model, made_by.bundle_digest))
