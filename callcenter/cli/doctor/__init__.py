"""`callcenter doctor`: looks at every part by itself, also when the service is down.

Start at examine.py. Each module looks at one part and returns findings; none changes anything.
"""
