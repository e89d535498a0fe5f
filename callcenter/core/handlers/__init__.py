"""What each event means: a function `(work, event, now)` for every kind of event, one module for
each subject.

A handler finds the call or operator of the event, and drops late events. The rules decide (call.py,
operator.py, offers/, listening.py, recording.py and others). table.py says which handler each event
has.
"""
