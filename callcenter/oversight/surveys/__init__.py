"""The surveys: how many callers were asked after their talk, how many answered, and with what
score.

By line and queue, because the operators of a queue are the group who served the caller. A share is
shown with the numbers from which it is made, and is null if nobody was asked. store: one SQL query;
routes: the API.
"""
