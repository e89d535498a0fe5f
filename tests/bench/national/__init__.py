"""A national day in the real engine, and how large the parts must be for it.

country.py says who calls and what is assumed, roster.py who works; world.py plays the day; books.py
audits it; course.py keeps what came of it, findings.py draws from that; costs.py reads what a call
costs (costs.json; measure.py has the real parts measured for it); sizing.py multiplies; page.py,
sizes_page.py and picture.py tell it.
`python -m tests.bench.national` runs it all; nothing else imports this.
"""
