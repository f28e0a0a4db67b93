"""The flow lake: Parquet by UTC day, a manifest of what counts, roll-ups, and named questions."""
