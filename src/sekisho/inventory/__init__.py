"""Sites, prefixes, assets and sensors: who is where, since when, read from files people write."""
