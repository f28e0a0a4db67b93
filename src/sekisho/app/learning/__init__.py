"""What was learned from an incident as people work with it: coding, lessons, actions and their evidence."""
