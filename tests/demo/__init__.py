"""`make demo`: real SIP callers and operators against a running call centre.

__main__   the command: finds the call centre, plays the script, prints the table
script     who calls when, and how patient they are; who works, and how well
stage      the operators and callers on the wire
lived      what each caller lived through, told by their own ears
told       what the service says became of each call, and where the two differ
"""
