"""Recorded talks: sealed after the talk, played by supervisors, purged in time.

model: the terms · store: the rows · keeper: the work after a talk · sealing, keys: the sealed file
· sound: A-law to WAV · vault: the folder of sealed files · playbacks: who may hear what · people:
personal data · routes, voicemails: the endpoints · feature: all of it together.
"""
