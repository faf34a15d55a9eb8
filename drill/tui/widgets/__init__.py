"""Widgets: values in, messages out; none knows the session, the app or its siblings."""
