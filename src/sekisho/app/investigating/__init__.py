"""Incidents: open, work on, preserve, ask sites, export."""
