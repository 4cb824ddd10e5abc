"""How the reader model of the text front end is made (docs/reader.md)."""
