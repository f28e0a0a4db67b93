"""Companies and scenarios written as the logs that real sensors write, with the truth beside them."""
