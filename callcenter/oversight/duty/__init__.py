"""Who is on duty, by name: shifts of people for a queue, import and export as iCalendar,
attendance.

model · rules · ical are pure. store keeps the shifts, board knows the present ones, routes has the
API. The site file says how many people a queue needs; the engine uses the greater of both numbers
(runtime/hours.py).
"""
