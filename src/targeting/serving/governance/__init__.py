"""What governance answers for: models and who signed them, papers that run out, what the audit log counts."""
