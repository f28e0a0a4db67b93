"""Who must be told of an incident, by when, and whether they were."""
