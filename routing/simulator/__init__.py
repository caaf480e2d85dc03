"""PURE: scenario files (CONTRACT section 2), run through the engine."""
