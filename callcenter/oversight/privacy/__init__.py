"""What is held on people: told to who asks for it, forgotten in time."""
