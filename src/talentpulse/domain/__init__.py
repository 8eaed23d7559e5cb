"""Plain Python that decides: events, skills, places, duplicates. No Spark, clock, network or files."""
