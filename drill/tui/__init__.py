"""The cockpit: the only room that imports Textual."""
