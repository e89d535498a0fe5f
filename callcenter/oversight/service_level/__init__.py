"""Service level by every published formula side by side, from the same calls.

One number without its formula's name means nothing: the same day is 83.0, 86.0, 81.1 or 82.7 %
(callcentrehelper.com, article 206890). model: the terms; rules: the formulas and the counting;
store: the same in one SQL query; promql: the same as recording rules; routes: the API.
"""
