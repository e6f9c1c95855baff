"""The district's data on disk: staging, identities, and immutable generations of facts and families."""
