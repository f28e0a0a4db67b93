"""NetFlow v5, v9 and IPFIX, decoded by batch; what file readers and listeners share."""
