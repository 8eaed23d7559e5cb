"""Connections to the database that holds the catalog and the ledger."""

from __future__ import annotations

import psycopg
from psycopg.rows import TupleRow

from talentpulse.settings import Settings

CONNECT_SECONDS = 5


def connect(settings: Settings, job: str) -> psycopg.Connection[TupleRow]:
    """An autocommit connection in UTC; `job` is what the server shows for it.

    Raises:
        psycopg.OperationalError: the server does not answer, or refuses user or password.
    """
    return psycopg.connect(
        host=settings.postgres_host,
        port=settings.postgres_port,
        user=settings.postgres_user,
        password=settings.postgres_password.get_secret_value(),
        dbname=settings.postgres_database,
        application_name=f"talentpulse {job}",
        connect_timeout=CONNECT_SECONDS,
        keepalives_idle=30,  # a host that vanishes without a word is noticed after a minute
        keepalives_interval=10,
        keepalives_count=3,
        options="-c timezone=UTC",
        autocommit=True,
    )
