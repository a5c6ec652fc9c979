"""The parts of make_golden.py."""
