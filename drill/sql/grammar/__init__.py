"""PostgreSQL's grammar: tokens in, syntax tree or a syntax error at the right token out."""
