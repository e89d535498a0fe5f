"""Cases: a citizen's matter, the offices that handle it, and the answer.

model · states · rules are pure; store keeps the cases, routes has the API.
"""
