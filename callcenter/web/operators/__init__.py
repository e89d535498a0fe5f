"""The operators: their cards and phones, their work, and each one's present call.

cards: add, change and remove operators · work: log in, pause, resume, hang up · transfer: transfer
the caller · consult: ask a colleague, who may take the caller over · park: put the call into a
numbered place until somebody picks it up · present_call: the call on an operator's screen · views:
an operator as people see one · roster: the cards, and the phones that Asterisk is told of ·
feature: all of it, for the back office.
"""
