"""Secrets and personal data: found, and shown masked. Standard library only."""
