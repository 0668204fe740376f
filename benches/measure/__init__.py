"""The rows of the table that `benches/run.py` prints, one module a question."""
