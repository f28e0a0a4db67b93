"""From one finding to the whole incident: since when, through what, how far, and what left."""
