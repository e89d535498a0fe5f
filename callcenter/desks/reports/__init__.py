"""The report round: what each province's call centre reports to the ministry, and by when.

model · states · form · consolidation · exports are pure. prefill counts, store keeps the reports,
post sends mail, routes has the API.
"""
