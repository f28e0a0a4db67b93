"""What one thing explains is one row that opens: scanners, migrations, missing and lapsed rules."""
