"""HTTP as every app uses it: typed parameters, bounded bodies, the hand-over to threads and what it refuses."""
