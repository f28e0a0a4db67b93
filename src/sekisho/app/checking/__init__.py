"""Checking the fleet: taking in what is known of terminals, and accounting for each."""
