"""How well postings are read: one module a field, each measured on a labelled set."""
