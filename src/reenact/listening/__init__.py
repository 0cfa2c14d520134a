"""What every server of ours does alike: a socket of this machine, names, bounded bodies."""
