"""After an incident: how it is coded, what was learned, and what is done about it."""
