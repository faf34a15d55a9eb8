"""The debrief: score, lanes and timeline of a run, put together and written as text, Markdown or JSON."""
