"""A thin Trino client: one statement in, columns and rows out, errors that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests
import trino.dbapi
import trino.exceptions
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from talentpulse.errors import PulseError
from talentpulse.settings import Settings

DEFAULT_SCHEMA = "gold"


class ResultColumn(NamedTuple):
    """Name and Trino type of one column of a result."""

    name: str
    type: str


@dataclass(frozen=True)
class Result:
    """What a statement returned; `is_cut` when more rows were there than were asked for."""

    columns: list[ResultColumn]
    rows: list[tuple[Any, ...]]
    is_cut: bool = False


class QueryError(PulseError):
    """Trino refused or failed the statement; `error_name` is Trino's, such as TABLE_NOT_FOUND."""

    def __init__(self, message: str, mend: str, error_name: str) -> None:
        super().__init__(message, mend)
        self.error_name = error_name


def connect(settings: Settings) -> trino.dbapi.Connection:
    """A connection in UTC, in schema `gold` of the lake; nothing is sent before the first statement."""
    session = requests.Session()
    # a proxy or certificate bundle of the environment is for the outside, not for this service
    session.trust_env = False
    connection: trino.dbapi.Connection = trino.dbapi.connect(  # type: ignore[no-untyped-call]
        host=settings.trino_host,
        port=settings.trino_port,
        user=settings.trino_user,
        catalog=settings.catalog_name,
        schema=DEFAULT_SCHEMA,
        source="pulse",
        timezone="UTC",
        http_scheme="http",
        http_session=session,
    )
    return connection


def query(settings: Settings, sql: str, params: Sequence[Any] | None = None, *, max_rows: int | None = None) -> Result:
    """Run one statement (no semicolon) and fetch its rows, at most `max_rows`; leaving early cancels it.

    `params` fill the statement's `?` in order. A failure inside Trino is tried again up to three times: each connection
    to the catalog that died with its database fails one statement.

    Raises:
        QueryError: Trino refused or failed the statement.
        PulseError: Trino does not answer or is still starting.
    """
    for attempt in Retrying(
        retry=retry_if_exception(_is_internal), stop=stop_after_attempt(4), wait=wait_fixed(0.5), reraise=True
    ):
        with attempt:
            return _query_once(settings, sql, params, max_rows)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _is_internal(error: BaseException) -> bool:
    return isinstance(error, QueryError) and error.error_name == "GENERIC_INTERNAL_ERROR"


def _query_once(settings: Settings, sql: str, params: Sequence[Any] | None, max_rows: int | None) -> Result:
    try:
        with closing(connect(settings)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(sql, params)
            rows = cursor.fetchall() if max_rows is None else cursor.fetchmany(max_rows + 1)
            columns = [ResultColumn(field[0], field[1]) for field in cursor.description or []]
    except (
        requests.RequestException,
        trino.exceptions.TrinoConnectionError,
        trino.exceptions.HttpError,
    ) as error:
        raise PulseError(
            f"Trino does not answer at {settings.trino_host}:{settings.trino_port} ({type(error).__name__})",
            "`pulse status` shows what runs; `pulse up` starts what does not",
        ) from error
    except trino.exceptions.TrinoQueryError as error:
        raise _failure(error) from error
    kept = [tuple(row) for row in rows[:max_rows]]
    return Result(columns, kept, is_cut=len(rows) > len(kept))


def _failure(error: trino.exceptions.TrinoQueryError) -> PulseError:
    if error.error_name == "SERVER_STARTING_UP":
        return PulseError("Trino is still starting", "`pulse status` shows when it is ready; then run this again")
    return QueryError(
        f"Trino: {error.message}",
        f"correct the statement ({error.error_name}); Trino's page has the story of query {error.query_id}",
        error.error_name or "",
    )
