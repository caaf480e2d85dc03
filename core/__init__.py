"""Parts below every app, which know none: HTTP, database, uploads, limits, secrets, clock (DESIGN 1)."""
