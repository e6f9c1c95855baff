"""Predictive early help for families: records in, a ranked and explained weekly list out."""

__version__ = "0.4.0"
