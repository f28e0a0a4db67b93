"""What arrived, written down before anybody looks at it: segments of datagrams and messages."""
