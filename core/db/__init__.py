"""The database below every app: how each connection is opened, and what its faults mean."""
