"""What several landed migrations share, as it was when they landed: it never changes, and imports nothing of the
portal's living code."""
