"""Screens: each owns its timer, hands values to widgets and answers their messages."""
