"""The recipe that made the voice ``qingsheng``: each module is one command, see README.md."""
