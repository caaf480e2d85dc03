"""Trials that take minutes and servers of their own: `make test-nightly`."""
