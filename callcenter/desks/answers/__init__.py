"""The answer base: what operators tell callers. Answers have an owner and a date, and are found
during the talk.

model · rules are pure; store keeps the answers, views is what the API takes and gives,
search_routes, answer_routes and use_routes have its endpoints, routes puts them together.
"""
