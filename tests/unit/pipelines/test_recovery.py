"""What the start of the stream refuses, decided without a table."""

import pytest

from talentpulse.errors import PulseError
from talentpulse.lakehouse.ledger import Epoch
from talentpulse.pipelines.recovery import _check_tables_are_not_behind


def committed(**fields):
    return Epoch(7, "t", {0: 0}, {0: 10}, is_committed=True, **fields)


def test_a_table_without_the_rows_of_the_last_committed_epoch_is_refused():
    with pytest.raises(PulseError, match=r"committed epoch 7, bronze\.postings ends at epoch 6"):
        _check_tables_are_not_behind(committed(records_read=10), in_tables=6)
    _check_tables_are_not_behind(committed(records_read=10), in_tables=7)


@pytest.mark.parametrize("kind", ["stream", "gap", "adopt"])
def test_an_epoch_that_took_no_record_leaves_no_row_to_look_for(kind):
    _check_tables_are_not_behind(committed(kind=kind), in_tables=6)
