"""The faults that the lake must survive, and what must come of each; tests say which row they prove (`fault(row)`)."""

EXACT = "exact"

FAULTS = {
    "1": ("kill -9 before Bronze", EXACT),
    "2": ("kill -9 between Bronze and Gold", EXACT),
    "3": ("kill -9 after Gold, before the ledger", EXACT),
    "4": ("kill -9 after the ledger, before Spark's commit", EXACT),
    "5": ("a commit is applied, its reply lost", "exact; no file deleted"),
    "6": ("a commit is not applied, the reply is an error", "exact; no file deleted"),
    "7": ("foreign writers and compaction beside the stream", "no lost batch; the foreigner is refused"),
    "8": ("the store is slow", "waits, recovers, exact"),
    "9": ("the store resets connections and cuts reads short", "recovers, exact, never short results"),
    "10": ("the store is killed while it writes", "waits, recovers, exact"),
    "11": ("PostgreSQL stands still, then is killed", "backs off, no crash loop, exact"),
    "12": ("Kafka is killed under load", "each acknowledged record once, others at most once"),
    "13": ("duplicates, late events, shuffled order, clocks ahead, year 2286", "Gold equals the recompute"),
    "14": ("retention passes the ledger's end", "stops loudly; goes on when the loss is accepted, and notes it"),
    "15": ("the topic is deleted and made again", "refused until it is adopted; nothing dropped"),
    "16": ("the checkpoint is deleted, or an old copy put back", "no effect"),
    "17": ("the checkpoint is truncated", "no effect"),
    "18": ("the ledger is restored from a backup, alone and with the catalog", "refused with the command, which works"),
    "19": (
        "a disk is full: checkpoint, Spark's folder, Kafka, the store",
        "stops or waits; goes on when there is space",
    ),
    "20": ("hostile bodies", "in Bronze byte-equal, judged by the JSON standard, driver alive"),
    "21": ("the schema drifts", "additive accepted, the rest by rule; yesterday's SQL runs"),
    "22": ("two streams at once; one stands still and comes back", "refused; fenced"),
    "23": ("SIGTERM, Ctrl-C", "ends within 20 s, exact"),
}
"""Row of the matrix: fault and expectation."""
