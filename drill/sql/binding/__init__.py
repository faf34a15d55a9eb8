"""What a syntax tree means over the tables of a server: names, types and plans."""
