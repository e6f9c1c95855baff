"""Who is who across agencies, and who belongs to which family, as known on every date."""
