"""What people decide, kept in a database: the life of findings, versions of the register, records."""
