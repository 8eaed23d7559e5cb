"""Plain Python that decides: reading an event, skills, places, identity. No Spark, clock, network or files."""
