"""Pitch, duration and energy: what the prosody model says, made into curves per frame."""
