"""Everything is killed at random under traffic; then a checker that knows nothing of the product's code looks whether
what was accepted is there, and whether the rules held. `make chaos`, or python -m tests.chaos --help."""
