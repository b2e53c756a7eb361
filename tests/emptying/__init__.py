"""An app for the tests alone: Django finds its `flush` before its own."""
