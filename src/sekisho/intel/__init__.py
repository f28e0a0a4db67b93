"""What others have seen intruders use: feeds of indicators, and the hunt for them in all history."""
