"""What happens to one batch; writers and clocks come in as arguments."""
