"""Listening tests: blind pairs, answers in SQLite, preference and opinion scores with their uncertainty."""
