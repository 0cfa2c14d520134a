"""What the models that speak for a user are told: one Markdown file each."""
