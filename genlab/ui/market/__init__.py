"""The sections of the Market page, one file each, and what they share."""
