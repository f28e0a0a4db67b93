"""An investigation as other programs read it. The same document gives the same bytes."""
