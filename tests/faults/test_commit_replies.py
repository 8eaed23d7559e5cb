"""A commit whose reply never arrives may or may not have been applied: the tables are exact either way."""

import pytest

from tests.faults.fault_run import FaultRun
from tests.faults.proxy import FaultProxy

# The catalog's UPDATE names both metadata files and the table; as parameters, so also where the statement is prepared
UPDATE = rb"(?s)metadata\.json.*metadata\.json.*"
COMMITS = {"Bronze": UPDATE + b"postings", "Gold": UPDATE + b"skill_trends", "the ledger": b"UPDATE ops.epochs"}
WRITES = {
    "data file": r"^PUT \S+\.parquet",
    "manifest": r"^PUT \S+-m\d+\.avro",
    "manifest list": r"^PUT \S+/snap-\S+\.avro",
    "metadata file": r"^PUT \S+\.metadata\.json",
}


@pytest.fixture
def database(lake):
    with FaultProxy(lake.postgres_host, lake.postgres_port, http=False) as proxy:
        yield proxy


@pytest.fixture
def store(lake):
    with FaultProxy(lake.s3_host, lake.s3_port) as proxy:
        yield proxy


def goes_on_when(run, has_happened):
    """Records for the epoch that meets the fault, and more once that is over."""
    run.send(900)
    run.until(has_happened, "the fault has happened")
    run.healed()
    run.send(400)


@pytest.mark.fault(5)
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "what", [what if what == "Gold" else pytest.param(what, marks=pytest.mark.slow) for what in COMMITS]
)
def test_a_commit_that_was_applied_without_a_reply_counts_once(lake, record_property, database, what):
    fault = f"PostgreSQL applies the commit of {what}, the reply is lost"
    with FaultRun(lake, record_property, fault, {"postgres_port": database.port}) as run:
        run.begin()
        database.lose_reply(COMMITS[what])
        goes_on_when(run, lambda: database.faults)
        run.recovers(most_starts=2)
    assert database.faults == 1


@pytest.mark.fault(5)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_file_that_was_written_without_a_reply_is_written_again_and_counts_once(lake, record_property, store):
    fault = f"the store writes a {', a '.join(WRITES)}; each reply is lost"
    with FaultRun(lake, record_property, fault, {"s3_port": store.port}) as run:
        run.begin()
        for pattern in WRITES.values():
            store.lose_reply(pattern)
        goes_on_when(run, lambda: store.faults == len(WRITES))
        run.recovers(most_starts=1)


@pytest.mark.fault(6)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_commits_that_never_reach_the_database_count_once(lake, record_property, database):
    fault = f"the commits of {', '.join(COMMITS)} are cut off before PostgreSQL sees them"
    with FaultRun(lake, record_property, fault, {"postgres_port": database.port}) as run:
        run.begin()
        for pattern in COMMITS.values():
            database.lose_request(pattern)
        goes_on_when(run, lambda: database.faults == len(COMMITS))
        run.recovers(most_starts=2)


@pytest.mark.fault(6)
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", ["data file", "metadata file"])
def test_a_store_that_answers_503_to_writes_ends_the_stream_and_harms_nothing(lake, record_property, store, what):
    fault = f"the store answers 503 to the write of any {what} until the stream has ended"
    with FaultRun(lake, record_property, fault, {"s3_port": store.port}) as run:
        run.begin()
        store.answer(503, WRITES[what], times=1_000_000)
        goes_on_when(run, lambda: store.faults and run.starts > 1)
        store.heal()
        run.healed()
        run.recovers(most_starts=3)
