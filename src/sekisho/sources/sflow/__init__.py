"""sFlow version 5: packets that agents sampled, read all at once."""
