"""Webhooks: another program, such as a CRM, is told of each call as it goes on."""
