"""Packet captures: from their bytes to the UDP payloads in them."""
