"""Sealed segments of a site's journal on their way to the centre: kept, sent, received once."""
