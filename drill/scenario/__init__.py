"""What a scenario file says: YAML in, one frozen model out; the only room that knows YAML and pydantic."""
