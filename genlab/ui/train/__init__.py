"""The parts of the Train page: choosing what to train, and watching it."""
