"""How the emotion model was made."""
