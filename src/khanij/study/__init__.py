"""The only place that knows data and models: builds Cases, runs methods, keeps bundles."""
