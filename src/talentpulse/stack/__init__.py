"""The native services: what they are, how they are fetched, started, checked."""
