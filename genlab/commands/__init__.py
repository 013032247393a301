"""The commands of ``python -m genlab``, one file each."""
