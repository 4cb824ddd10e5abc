"""`POST /api/tts`: the engine on the server, for clients too weak to synthesise. Loaded only where it is asked for."""
