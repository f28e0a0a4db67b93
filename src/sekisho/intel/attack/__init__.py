"""MITRE ATT&CK: how intruders go about it, by version."""
