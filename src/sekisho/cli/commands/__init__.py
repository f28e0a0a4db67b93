"""One verb, or one group of verbs, a file."""
