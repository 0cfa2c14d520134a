"""The steps that bring the records' tables from any version to this one."""
