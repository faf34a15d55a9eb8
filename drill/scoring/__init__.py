"""The rubric: what a run is worth, as pure functions of records and lanes."""
