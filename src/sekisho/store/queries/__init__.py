"""Named questions as SQL, one a file. Values are bound or registered as tables, never written into text."""
