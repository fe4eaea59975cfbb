"""What each measure averts and costs."""
