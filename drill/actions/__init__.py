"""What a responder may do: one catalogue that screens, console, command line, players and docs all read."""
