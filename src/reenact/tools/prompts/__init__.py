"""What the models that make up results are told: one Markdown file each."""
