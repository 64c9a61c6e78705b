"use strict";

// Finding a Python interpreter: by running it, since a name on the PATH proves nothing (Windows puts a shop window there).

const { execFile } = require("node:child_process");
const { promisify } = require("node:util");

const run = promisify(execFile);

const OLDEST = [3, 10];
const NEWEST_TESTED = [3, 14];
const CANDIDATES = [
    // A system's python3 can be old while newer ones are installed beside it.
    ...[14, 13, 12, 11, 10].map((minor) => [`python3.${minor}`]),
    ["python3"],
    ["python"],
    ["py", "-3"],
];
const PROBE_TIMEOUT = 20_000;
const PROBE = `
import importlib.util, json, sys
found = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({
    "version": sys.version_info[:3],
    "executable": sys.executable,
    "installs": found("venv") and found("ensurepip"),
}))
`;
const HOW = "Install Python 3.10 or newer (Debian, Ubuntu: apt install python3 python3-venv)";

/** Python cannot be used; the message says what was found and what to do, `status` the same in a few words. */
class PythonError extends Error {
    constructor(message, status) {
        super(message);
        this.status = status;
    }
}

/** Return what an interpreter says of itself, or null when there is none behind the command. */
async function probe([command, ...args]) {
    try {
        const { stdout } = await run(command, [...args, "-I", "-c", PROBE], {
            timeout: PROBE_TIMEOUT,
            windowsHide: true,
        });
        return JSON.parse(stdout);
    } catch {
        // Absent, not executable, not Python, or a Python 2, which does not know -I.
        return null;
    }
}

/**
 * Find the interpreter that makes environments: the newest of those that this package is tested with; a newer one, which
 * may have no wheels yet, only where there is no other.
 *
 * @returns {Promise<{executable: string, version: number[]}>}
 * @throws {PythonError}
 */
async function findPython(candidates = CANDIDATES) {
    const answers = await Promise.all(candidates.map(probe));
    const usable = [];
    const rejected = [];
    for (const [index, found] of answers.entries()) {
        if (!found) {
            continue;
        }
        const what = `${candidates[index].join(" ")} is Python ${found.version.join(".")}`;
        if (isTooOld(found)) {
            rejected.push({ text: `${what}, too old`, status: "Install Python 3.10 or newer" });
        } else if (!found.installs) {
            rejected.push({
                text: `${what} without venv and ensurepip (Debian's python3-venv)`,
                status: "no venv module: install python3-venv",
            });
        } else {
            usable.push(found);
        }
    }
    if (usable.length) {
        return usable.reduce((best, found) => (isBetter(found.version, best.version) ? found : best));
    }
    if (rejected.length) {
        const status = rejected.find((each) => each.status.includes("venv"))?.status ?? rejected[0].status;
        throw new PythonError(`${HOW}: ${rejected.map(({ text }) => text).join("; ")}`, status);
    }
    throw new PythonError(`Python was not found. ${HOW}`, "Install Python 3.10 or newer");
}

/** Whether an interpreter that was probed is older than what the worker needs. */
function isTooOld({ version }) {
    return compare(version, OLDEST) < 0;
}

/** Compare major and minor version. */
function compare(version, other) {
    return version[0] - other[0] || version[1] - other[1];
}

function isBetter(version, other) {
    const [tested, otherTested] = [version, other].map((each) => compare(each, NEWEST_TESTED) <= 0);
    if (tested !== otherTested) {
        return tested;
    }
    return tested ? compare(version, other) > 0 : compare(version, other) < 0;
}

module.exports = { PythonError, findPython, isTooOld, probe };
