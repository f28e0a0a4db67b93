"""What makes a step of control likelier or less likely, each with its words."""
