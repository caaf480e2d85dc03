"""What every app may use and what knows no app: files, HTTP, jobs, observability (DESIGN 1)."""
