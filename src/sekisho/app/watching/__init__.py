"""The watch as it runs: what it follows, the register that judges, and who carries alerts away."""
