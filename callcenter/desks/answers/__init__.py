"""The answer base: what operators tell callers. Answers have an owner and a date, and are found
during the talk.

model · rules are pure; store keeps the answers, routes has the API.
"""
