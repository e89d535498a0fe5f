"""The operators: who there is and with which phone, their work, and the call each has now.

cards: adding, changing, removing operators · work: log in, pause, resume, hang up · transfer:
the caller is given on · consult: a colleague is asked, and may take the caller over · present_call:
the call on an operator's screen · views: an operator as people see one · roster: the cards and
the phones that Asterisk is told of · feature: all of it, for the back office.
"""
