"""The parts of the Compare page: choosing runs, their table, pictures, scores and curves, and the report of them."""
