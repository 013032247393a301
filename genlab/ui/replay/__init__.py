"""The parts of the Replay page: what a run went through, on one cursor of time."""
