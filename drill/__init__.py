"""Incident training for engineers: a terminal cockpit over a live, repeatable simulation of a production system."""

__version__ = "0.2.0"
