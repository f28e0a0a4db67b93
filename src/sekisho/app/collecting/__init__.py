"""From sealed journal segments to the lake: whose records they are, what they hold, what was lost."""
