"""What would have happened: the same seed with another responder; and what a scenario promises, checked."""
