"use strict";

// An interpreter that the user names. It has the third-party packages; the worker's own code is here.

const path = require("node:path");
const { install } = require("./installer");
const { PythonError, isTooOld, probe } = require("./python");

const LOCK = path.join(__dirname, "..", "..", "python_worker", "locks", "base.txt");

/**
 * Check that an interpreter has what the worker needs.
 *
 * @param {string} executable
 * @param {object} log - debug, info, warn
 * @throws {PythonError} it says what is missing, and how to install it
 */
async function checkReady(executable, log) {
    const found = await probe([executable]);
    if (!found) {
        throw new PythonError(
            `${executable} was not found, or is not Python 3: name a Python 3.10 or newer that has what ${LOCK} lists`,
            "not found: the Python of the settings",
        );
    }
    if (isTooOld(found)) {
        throw new PythonError(
            `${executable} is Python ${found.version.join(".")}, too old: name a Python 3.10 or newer`,
            "too old: the Python of the settings",
        );
    }
    await install(executable, ["--check", "base"], log, () => {});
}

module.exports = { checkReady };
