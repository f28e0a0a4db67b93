"""YARA rules that a workspace brings, and what they say of collected files."""
