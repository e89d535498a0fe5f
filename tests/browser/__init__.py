"""A real Chromium at the console: pages as a person sees and uses them."""

from tests.browser.browser import Browser, Screen

__all__ = ["Browser", "Screen"]
