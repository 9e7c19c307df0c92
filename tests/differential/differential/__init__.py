"""Builds Dockerfiles with BuildKit and with Kiln, and compares what comes out."""
