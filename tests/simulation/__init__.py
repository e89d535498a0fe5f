"""Hours of a call centre in seconds, from one seed: `python -m tests.simulation --seed 7`.

The real engine, the real executor, translation and requests of the ARI adapter, and a fake
Asterisk with the real one's defects live in one virtual time with people who call, answer, ignore,
hang up in the worst moments and go home, while things break. An auditor that keeps books of its
own, from what the people went through and from the facts, says at once when something is not as it
should be.
"""
