"""The pytest plugin: kept files as pytest items. Imports nothing heavy when pytest loads it."""
