"""The report round: what each province's call centre reports to the ministry, by when.

model · states · form · consolidation · exports are pure; prefill counts, store keeps, post sends,
routes answer.
"""
