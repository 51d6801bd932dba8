"""The peers, each with the best honest tuning we found: a file's docstring says which."""
