"""The embedded engine behind the Plate Recognizer Snapshot HTTP API (`python -m python_worker serve`).

A request's way: `app` (routes, token, errors) → `limits` → `forms` (the upload) and `config` (its options) → the same
`services.embedded` that serves the nodes → `answers`.
"""
