"""How a connection that is known may begin to behave otherwise, one change a file."""
