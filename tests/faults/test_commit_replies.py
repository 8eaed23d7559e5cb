"""A commit whose reply never arrives may or may not have been applied: the tables are exact either way."""

import pytest

from tests.faults.fault_run import FaultRun
from tests.faults.proxy import FaultProxy
from tests.lake import generate

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


def one_spoilt_epoch(run, tmp_path, spoil, has_happened):
    """An epoch without a fault, one that meets it, and one after it."""
    generate(run.lake, tmp_path / "truth.json", 700, "--seed", "41")
    run.wait_idle()
    spoil()
    generate(run.lake, tmp_path / "truth.json", 900, "--seed", "42")
    run.until(has_happened, "the fault has happened")
    run.healed()
    generate(run.lake, tmp_path / "truth.json", 400, "--seed", "43")


@pytest.mark.parametrize(
    "what", [what if what != "the ledger" else pytest.param(what, marks=pytest.mark.slow) for what in COMMITS]
)
def test_a_commit_that_was_applied_without_a_reply_counts_once(lake, tmp_path, record_property, database, what):
    fault = f"PostgreSQL applies the commit of {what}, the reply is lost"
    with FaultRun(lake, record_property, "5", fault, {"postgres_port": database.port}) as run:
        one_spoilt_epoch(run, tmp_path, lambda: database.lose_reply(COMMITS[what]), lambda: database.faults)
        run.recovers(most_starts=2)
    assert database.faults == 1


@pytest.mark.slow
def test_a_file_that_was_written_without_a_reply_is_written_again_and_counts_once(
    lake, tmp_path, record_property, store
):
    fault = f"the store writes a {', a '.join(WRITES)}, the replies are lost"
    with FaultRun(lake, record_property, "5", fault, {"s3_port": store.port}) as run:
        spoil = lambda: [store.lose_reply(pattern) for pattern in WRITES.values()]  # noqa: E731
        one_spoilt_epoch(run, tmp_path, spoil, lambda: store.faults == len(WRITES))
        run.recovers(most_starts=1)
    assert store.faults == len(WRITES)


@pytest.mark.slow
def test_commits_that_never_reach_the_database_count_once(lake, tmp_path, record_property, database):
    fault = f"the commits of {', '.join(COMMITS)} are cut before PostgreSQL sees them"
    with FaultRun(lake, record_property, "6", fault, {"postgres_port": database.port}) as run:
        spoil = lambda: [database.lose_request(pattern) for pattern in COMMITS.values()]  # noqa: E731
        one_spoilt_epoch(run, tmp_path, spoil, lambda: database.faults == len(COMMITS))
        run.recovers(most_starts=2)
    assert database.faults == len(COMMITS)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["data file", "metadata file"])
def test_a_store_that_answers_503_to_every_write_ends_the_stream_and_harms_nothing(
    lake, tmp_path, record_property, store, what
):
    fault = f"the store answers 503 to the write of a {what} until the stream has ended"
    with FaultRun(lake, record_property, "6", fault, {"s3_port": store.port}) as run:
        spoil = lambda: store.answer(503, WRITES[what], times=1_000_000)  # noqa: E731
        one_spoilt_epoch(run, tmp_path, spoil, lambda: store.faults and run.starts > 1)
        store.heal()
        run.healed()
        run.recovers(most_starts=3)
