"use strict";

const path = require("node:path");

const ROOT = path.join(__dirname, "..", "..", "..");
const INSIDE = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];

/** The interpreter of the project's own environment, which has the worker and what it needs. */
const PYTHON = process.env.PLATE_RECOGNIZER_PYTHON || path.join(ROOT, ".venv", ...INSIDE);

module.exports = { PYTHON, ROOT };
