"""Who is on duty, by name: shifts of people for a queue, from and to iCalendar, who came and who is
late.

model · rules · ical are pure; store keeps, board knows the shifts of now, routes answer. How many
people a queue needs is in the site file; the engine counts with the greater of both
(runtime/hours.py).
"""
