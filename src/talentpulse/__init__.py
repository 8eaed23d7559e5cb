"""Global Talent Pulse: which skills employers ask for, where, and how far the number can be trusted."""

__version__ = "0.1.0"
