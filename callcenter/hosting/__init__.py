"""Starts the real parts on one host: system packages, Asterisk, PostgreSQL, the whole stack.

Standard library only, because the Makefile runs it before there is a virtual environment. This
package never decides anything about a call.
"""
