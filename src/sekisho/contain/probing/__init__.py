"""Probes across what a plan cuts: what is tried from where, and what the answers come to."""
