"""The project's own commands, run through scripts/run.js."""
