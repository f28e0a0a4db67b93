"""The logons of steps, looked up in the lake and told."""
