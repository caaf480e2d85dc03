"""HTTP as every app uses it: typed parameters, bounded bodies."""
