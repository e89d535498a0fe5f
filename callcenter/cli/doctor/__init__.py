"""`callcenter doctor`: checks every part by itself, also if the service is down.

Start at examine.py. Each module checks one part and returns findings. None changes anything.
"""
