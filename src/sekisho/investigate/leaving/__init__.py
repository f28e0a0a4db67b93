"""What left the assets in scope, for whom, and of what kind it may have been."""
