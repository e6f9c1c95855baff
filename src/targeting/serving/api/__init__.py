"""The HTTP interface over published lists: for a case-management system, an integrator, an operator."""
