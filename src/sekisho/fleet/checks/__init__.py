"""What terminals are checked for, one check a file; docs/reference/fleet-checks.md says what each means."""
