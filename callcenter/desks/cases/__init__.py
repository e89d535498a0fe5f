"""Cases: what a citizen brought, the offices it goes through, and the answer.

model · states · rules are pure; store keeps, routes answer.
"""
