"""A host that gets packets made at random (made.py)."""
from made import run_made

run_made(1, 200)
