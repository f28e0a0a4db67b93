"""Intrusions of many kinds in a simulated company, and how well they are followed from one finding."""
