"""What takes minutes and servers of its own: `make test-nightly`."""
