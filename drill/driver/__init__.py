"""From the wall clock to a session: what paces a run, in this process or in a spawned worker."""
