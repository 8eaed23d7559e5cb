"""Measurements under `pulse bench`; each writes its figures with machine and commit to docs/benchmarks.md."""
