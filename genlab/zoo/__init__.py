"""Small trained models that come with the lab, and how they are made again: ``python -m genlab zoo build``."""
