"""Who holds a port: a taken one is an error that names the process and the setting to change."""

from __future__ import annotations

import socket

import psutil

from talentpulse.errors import PulseError
from talentpulse.settings import Settings
from talentpulse.stack.services import Port, Service


def is_free(host: str, port: int) -> bool:
    """Can a server bind to this address now?"""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError:
            return False
    return True


def holder(port: int) -> psutil.Process | None:
    """The process that listens on a port; None if there is none, or it is another user's."""
    for connection in psutil.net_connections("tcp"):
        if (
            connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid
        ):
            return psutil.Process(connection.pid)
    return None


def describe_holder(port: int) -> str:
    """The holder in words: name, id and command line (cut)."""
    try:
        process = holder(port)
        if process is None:
            return "a process of another user"
        command = " ".join(" ".join(process.cmdline()).split())
        return f"process {process.pid} ({process.name()}: {command[:80]}{'…' if len(command) > 80 else ''})"
    except psutil.Error:
        return "a process that just ended"


def taken(settings: Settings, services: list[Service]) -> list[Port]:
    """The ports of these services that somebody holds."""
    return [port for service in services for port in service.ports if not is_free(settings.bind_host, port.number)]


def check_ports(settings: Settings, services: list[Service]) -> None:
    """Do nothing if all ports of these (stopped) services are free.

    Raises:
        PulseError: names each taken port, who holds it, and the setting that moves it.
    """
    found = taken(settings, services)
    if not found:
        return
    who = "; ".join(f"port {port.number} is taken by {describe_holder(port.number)}" for port in found)
    names = ", ".join(f"{port.setting}={port.number + 10_000 if port.number < 50_000 else 20_000}" for port in found)
    raise PulseError(who, f"end that process, or choose another port: {names} (environment or .env), then `pulse up`")
