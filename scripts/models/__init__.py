"""`npm run models`: makes the networks of the embedded engine from public packages."""

# It keeps OpenVINO, which `compare` uses, from reporting that it is imported.
import python_worker.engine  # noqa: F401
