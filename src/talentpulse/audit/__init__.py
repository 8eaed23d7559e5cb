"""Is what the tables say true? Ledger, Bronze, Gold, broker and store are compared as of one committed epoch."""
