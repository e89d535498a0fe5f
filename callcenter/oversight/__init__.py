"""A supervisor's responsibilities: one folder for each subject, with model, rules, store and
routes."""
