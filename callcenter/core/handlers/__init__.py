"""What each event means: a function `(work, event, now)` for every kind, one module a subject.

A handler looks up whose the event is and drops what is late. The rules decide (call.py,
operator.py, offers/, listening.py, recording.py and others). table.py says which handler each
event has.
"""
