"""Statistics of pass and fail. Pure, standard library only."""
