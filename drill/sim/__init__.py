"""The simulated world on SimPy: traffic, gateway, pods, pools, pooler, database; never wall clock, UI or files."""
