"""A real Chromium at the console: pages as a person sees and uses them."""

from tests.browser.browser import LAPTOP, TABLET, WALL, Browser, Screen

__all__ = ["LAPTOP", "TABLET", "WALL", "Browser", "Screen"]
