"""What a supervisor answers for: one folder a subject, each with model, rules, store, routes."""
