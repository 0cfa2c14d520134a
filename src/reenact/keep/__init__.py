"""Keep: proposed expectations, kept files, their proof, and running them."""
