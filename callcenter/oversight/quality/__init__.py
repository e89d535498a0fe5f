"""Whether callers are told what is right: a supervisor listens to or reads a sample of calls.

The system draws the sample, so that nobody chooses the good ones. model · rules are pure; store
draws and keeps, routes answer.
"""
