"""Whether this installation works, as its operator asks the server, and ``python -m genlab doctor`` tells."""
