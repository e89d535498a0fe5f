"""The answer base: what operators tell callers, dated and owned, and found while they speak.

model · rules are pure; store keeps, routes answer.
"""
