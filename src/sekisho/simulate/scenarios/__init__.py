"""What happens to the simulated company, one scenario a file."""
