"""Work in chunks: here, on cores, on a cluster; progress, cancel, resume."""
