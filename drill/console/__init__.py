"""The responder's console: psql and PgBouncer's admin console over the simulation, text in and text out."""
