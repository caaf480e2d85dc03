"""HTTP below every app: the hand-over of requests to threads, and what it refuses."""
