"""Scripted responders, and the loop that lets one play a session."""
