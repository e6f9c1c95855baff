"""The fairness audit: measures, intervals, verdicts, disclosure control and the pages that say them.

It sees arrays and labels alone, never a store or a model, so that anybody's scores can be audited.
"""
