"""Server-rendered pages over published lists: read, never computed."""
