"""`npm run test:long`: faults for real, and a table of what they cost."""
