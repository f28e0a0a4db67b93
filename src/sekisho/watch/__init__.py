"""Judging as records come: alerts, who has seen them, and where they are told."""
