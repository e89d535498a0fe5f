"""Recorded talks: sealed when they are over, heard by supervisors, purged in time.

model: the words · store: the rows · keeper: what is done when a talk is over · sealing, keys, aes:
the sealed file · sound: A-law to WAV · vault: the folder of sealed files · playbacks: who may hear
what · people: personal data · routes: the endpoints and the figures.
"""
