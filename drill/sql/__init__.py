"""SQL over given tables, as PostgreSQL 15 answers it: text in, typed rows or PostgreSQL's own errors out."""
