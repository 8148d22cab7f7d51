"""nurture, a self-hosted lead-nurturing engine."""

__version__ = "0.1.0"
