"""Webhooks: another program, such as a CRM, is told about each call as it goes on."""
