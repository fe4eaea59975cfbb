"""Published screening methods: which materials are critical, to whom, by whose rules."""
