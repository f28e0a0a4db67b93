"""How gateways are told: over SSH where we may, and in words for whoever else changes them."""
