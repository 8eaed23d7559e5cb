import os
import socket

import pytest

from talentpulse.errors import PulseError
from talentpulse.stack.ports import check_ports
from talentpulse.stack.services import Port, Service
from tests.unit.stack.conftest import free_port


def test_a_taken_port_is_an_error_that_names_the_process_and_the_setting(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = Port(server.getsockname()[1], "PULSE_KAFKA_PORT")
        with pytest.raises(PulseError) as caught:
            check_ports(settings, [Service("kafka", ("true",), (port,))])
    assert f"port {port.number} is taken by process {os.getpid()} (" in caught.value.message
    assert "PULSE_KAFKA_PORT=" in caught.value.mend


def test_every_taken_port_is_named_at_once(settings):
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = (Port(one.getsockname()[1], "PULSE_S3_PORT"), Port(other.getsockname()[1], "PULSE_S3_CONSOLE_PORT"))
        with pytest.raises(PulseError, match=f"(?s){ports[0].number}.*{ports[1].number}"):
            check_ports(settings, [Service("minio", ("true",), ports)])


def test_free_ports_are_no_error(settings):
    check_ports(settings, [Service("kafka", ("true",), (Port(free_port(), "PULSE_KAFKA_PORT"),))])
