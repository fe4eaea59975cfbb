"""Who makes what of what: processes, technologies, tables, critical inputs, elasticities."""
