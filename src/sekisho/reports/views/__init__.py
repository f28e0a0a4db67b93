"""One kind of document a file, as tables, records and pages."""
