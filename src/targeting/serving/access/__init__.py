"""Who may do and see what: roles, tokens, purposes, sealed families. Nothing here knows of HTTP."""
