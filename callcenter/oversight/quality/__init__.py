"""Whether callers are told the right things: a supervisor listens to or reads a sample of calls.

The system draws the sample, so that nobody chooses only good calls. model · rules are pure; store
draws and keeps samples, routes has the API.
"""
