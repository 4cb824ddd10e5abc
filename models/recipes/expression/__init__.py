"""How the engine's feelings sound: measured from the samples, judged against what is published."""
