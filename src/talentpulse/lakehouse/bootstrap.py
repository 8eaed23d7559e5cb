"""What must exist before the first posting: bucket, catalog, tables, ledger with its guards, topic, views."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg

from talentpulse.contracts import compiled, tables
from talentpulse.domain.taxonomy import taxonomy
from talentpulse.lakehouse.catalog import ensure_tables
from talentpulse.lakehouse.object_store import ensure_bucket
from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.topics import ensure_topic
from talentpulse.lakehouse.views import apply_views
from talentpulse.settings import PROJECT_ROOT, Settings

GUARDS = PROJECT_ROOT / "sql" / "guards"


def ensure_ops(settings: Settings) -> None:
    """Make the schema `ops`, its tables and the guards on ledger and catalog; may be run again."""
    with connect(settings, "bootstrap") as connection, connection.transaction():
        # two bootstraps at once would race in CREATE OR REPLACE
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('talentpulse/bootstrap'))")
        connection.execute("CREATE SCHEMA IF NOT EXISTS ops")
        for table in (table for table in tables().values() if table.store == "postgres"):
            connection.execute(compiled.postgres_ddl(table).encode())
        for guard in _guards(settings):
            connection.execute(guard.encode())
        _tell_skills(connection)


def _tell_skills(connection: psycopg.Connection) -> None:
    """Write the packaged taxonomy to ops.skills, where the views find kind and category; a newer one's rows stay."""
    known = taxonomy()
    connection.cursor().executemany(
        "INSERT INTO ops.skills (skill, kind, category, taxonomy_version) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (skill) DO UPDATE SET kind = excluded.kind, category = excluded.category,"
        " taxonomy_version = excluded.taxonomy_version WHERE ops.skills.taxonomy_version <= excluded.taxonomy_version"
        " AND (ops.skills.*) IS DISTINCT FROM (excluded.*)",  # every start comes here: it writes what is new
        [(skill.name, skill.kind, skill.category, known.version) for skill in known.skills],
    )


def _guards(settings: Settings) -> list[str]:
    """The statements of sql/guards; those on commits need the JDBC catalog."""
    files = sorted(GUARDS.glob("*.sql"))
    return [f.read_text("utf-8") for f in files if settings.catalog_type == "jdbc" or not f.stem.startswith("commits_")]


def missing_guards(settings: Settings) -> list[str]:
    """Guards that the database lacks, or that somebody has switched off."""
    wanted = [name for guard in _guards(settings) for name in re.findall(r"CREATE OR REPLACE TRIGGER (\w+)", guard)]
    with connect(settings, "doctor") as connection:
        rows = connection.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        ).fetchall()
    return [name for name in wanted if name not in {row[0] for row in rows}]


def prepare_storage(settings: Settings, say: Callable[[str], None] = lambda _: None) -> None:
    """Make what the stream needs and is missing; Trino need not run. `say` is told each thing that changed."""
    if ensure_bucket(settings):
        say(f"made bucket {settings.s3_bucket}")
    for change in ensure_tables(settings):
        say(change)
    ensure_ops(settings)
    if ensure_topic(settings):
        say(f"made topic {settings.topic}")


def prepare_views(settings: Settings, say: Callable[[str], None] = lambda _: None) -> None:
    """Make the views in Trino what sql/views says."""
    for view in apply_views(settings):
        if view.state != "same":
            say(f"view {view.name}: {view.state}")


def prepare(settings: Settings, say: Callable[[str], None] = lambda _: None) -> None:
    """Make everything that is missing; idempotent."""
    prepare_storage(settings, say)
    prepare_views(settings, say)
