"""What callers hear: the texts in Thai and English, and their recordings.

A *prompt* has a key, which is the same in every language. A *pack* is a folder with the recordings
of one language and a manifest. `catalogue.py` has the texts, core/speech.py makes sentences with
numbers and times from them, `pack.py` keeps the recordings, `sound.py` measures them. This package
knows nothing of calls.
"""
