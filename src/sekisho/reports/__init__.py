"""What people read: terminal tables, CSV, JSON lines, HTML, records for an auditor."""
