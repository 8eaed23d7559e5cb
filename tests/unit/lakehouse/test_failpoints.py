"""Failpoints: for tests only, by name, at the wanted passage."""

import os
import subprocess
import sys

import pytest

from talentpulse.errors import PulseError
from talentpulse.lakehouse.failpoints import failpoint
from talentpulse.settings import load_settings


def test_without_one_set_every_place_is_passed():
    failpoint(load_settings())("after_bronze")


def test_one_outside_the_test_profile_is_refused():
    with pytest.raises(PulseError, match="outside the test profile"):
        failpoint(load_settings(failpoint="after_bronze"))


def test_an_unknown_name_is_refused_with_those_that_exist():
    with pytest.raises(PulseError, match="expected one of after_start, before_bronze"):
        failpoint(load_settings(profile="test", failpoint="somewhere"))


def test_the_process_group_dies_at_the_wanted_passage_of_the_named_place():
    code = (
        "from talentpulse.lakehouse.failpoints import failpoint\n"
        "from talentpulse.settings import load_settings\n"
        "pass_by = failpoint(load_settings())\n"
        "for n in range(9):\n"
        "    pass_by('after_gold'); pass_by('after_bronze'); print(n, flush=True)\n"
    )
    environment = {**os.environ, "PULSE_PROFILE": "test", "PULSE_FAILPOINT": "after_bronze:3"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, start_new_session=True
    )
    assert done.returncode == -9
    assert done.stdout.split() == ["0", "1"]
