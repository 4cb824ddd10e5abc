"""Where models run: one interface (`base`), onnxruntime (`native`) and onnxruntime-web (`browser`)."""
