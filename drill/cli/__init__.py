"""The front door: one command a file; the only room that prints and exits."""

from drill.cli.boundary import main

__all__ = ["main"]
