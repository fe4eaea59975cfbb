"""What a partnership averts, and the dependence that it adds."""
