"""``python -m models.import_voice``: a public voice becomes a pack. See docs/import.md."""
