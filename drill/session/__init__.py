"""One drill in progress: advance, perform, look, snapshot, finish; and playing a recording back."""
