"""The benchmark's own arithmetic, against what is published or plain to see."""
