"""How fast single parts are, away from Asterisk. Each module is run by hand and prints figures."""
