"""What is asked about many families at once: rows on disk, worked off block by block. Nothing here knows of HTTP."""
