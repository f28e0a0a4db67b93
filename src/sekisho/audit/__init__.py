"""Judging the evidence: verdicts, findings, their severity, onset and causes, and coverage."""
