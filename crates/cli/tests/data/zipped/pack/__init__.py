"""A package in a zip file."""
