"""The embedded engine behind the Plate Recognizer Snapshot HTTP API (`python -m python_worker serve`).

A request's way: `connections` → `app` (routes, errors, `origins`, `access_log`) → `calls`: `limits` (token, rate,
queue), `uploads` (bytes), `receive` with `forms` and `parts` (the body), `config` (its options), then the same
`services.embedded` that serves the nodes → `answers`, or `codeproject` for clients of CodeProject.AI. What all of these
take and give is in `schemas`, of which `openapi` makes the description.
"""
