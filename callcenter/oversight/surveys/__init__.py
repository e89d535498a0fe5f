"""What callers said of their talks: how many were asked after it, how many answered, and what.

By line and queue, because a queue's operators are the group who served. A share is shown beside
the numbers that it is made of, and is null when nobody was asked. store: one SQL query; routes: the
API.
"""
