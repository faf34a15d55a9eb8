"""The run on disk: JSON Lines, flushed as they are written; nothing here simulates."""
