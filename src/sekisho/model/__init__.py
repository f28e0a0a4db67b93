"""The words of Sekisho as frozen types and Arrow schemas. No I/O."""
