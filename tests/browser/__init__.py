"""A real Chromium at the console: pages as a person sees and uses them."""

from tests.browser.browser import LAPTOP, TABLET, WALL, Browser, Screen
from tests.browser.network import FarNetwork

__all__ = ["LAPTOP", "TABLET", "WALL", "Browser", "FarNetwork", "Screen"]
