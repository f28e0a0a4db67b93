"""The service that osquery talks to: its remote API over TLS."""
