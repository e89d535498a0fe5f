"""What callers hear: the texts in Thai and English, and the recordings of them.

A *prompt* has a key, the same in every language. A *pack* is a folder with the recordings of one
language and a manifest. `catalogue.py` has the texts, `speech.py` makes sentences with numbers and
times of them, `pack.py` keeps the recordings, `sound.py` measures them. It knows no call.
"""
