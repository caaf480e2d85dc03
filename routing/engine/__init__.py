"""PURE: the rules of ROUTING.md. `decide` settles one conversation, `apply` says what an event changes."""
