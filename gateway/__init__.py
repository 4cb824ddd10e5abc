"""The parts of the server: the built site, content negotiation, sending files, the API, headers."""
