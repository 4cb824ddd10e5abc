"""From text to samples: voice packs, the pipeline, and the sound's last step."""
