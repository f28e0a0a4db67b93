"""What it costs, beside a floor and a peer measured in the same run: `make bench`."""
