"use strict";

// Finding a Python interpreter: by running it, since a name on the PATH proves nothing (Windows puts a shop window there).

const { execFile } = require("node:child_process");
const { promisify } = require("node:util");

const run = promisify(execFile);

const OLDEST = [3, 10];
const CANDIDATES = [
    ["python3"],
    ["python"],
    ["py", "-3"],
    // A system's python3 can be old while newer ones are installed beside it.
    ...[14, 13, 12, 11, 10].map((minor) => [`python3.${minor}`]),
];
const PROBE_TIMEOUT = 20_000;
const PROBE = `
import importlib.util, json, platform, sys
found = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({
    "version": sys.version_info[:3],
    "executable": sys.executable,
    "installs": found("venv") and found("ensurepip"),
    "tag": f"{sys.implementation.cache_tag}-{platform.machine()}",
}))
`;
const HOW = "Install Python 3.10 or newer (Debian, Ubuntu: apt install python3 python3-venv)";

/** Python cannot be used; the message says what was found and what to install. */
class PythonError extends Error {}

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
 * Find an interpreter that is new enough and can make environments.
 *
 * @returns {Promise<{executable: string, version: number[], tag: string}>}
 * @throws {PythonError}
 */
async function findPython(candidates = CANDIDATES) {
    const rejected = [];
    for (const command of candidates) {
        const found = await probe(command);
        if (!found) {
            continue;
        }
        const version = found.version.join(".");
        if (isOlder(found.version)) {
            rejected.push(`${command.join(" ")} is Python ${version}, too old`);
        } else if (!found.installs) {
            rejected.push(
                `${command.join(" ")} is Python ${version} without venv and ensurepip (Debian's python3-venv)`,
            );
        } else {
            return found;
        }
    }
    throw new PythonError(rejected.length ? `${HOW}: ${rejected.join("; ")}` : `Python was not found. ${HOW}`);
}

function isOlder([major, minor]) {
    return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/**
 * Check that an interpreter can import the worker in the version of this package.
 *
 * @throws {PythonError}
 */
async function checkWorker(executable, version) {
    let found;
    try {
        const { stdout } = await run(
            executable,
            ["-I", "-c", "import python_worker; print(python_worker.__version__)"],
            {
                timeout: PROBE_TIMEOUT,
                windowsHide: true,
            },
        );
        found = stdout.trim();
    } catch (error) {
        throw new PythonError(`${executable} ${explain(error)}`);
    }
    if (found !== version) {
        throw new PythonError(`${executable} has plate-recognizer-worker ${found}, but version ${version} is needed`);
    }
}

function explain(error) {
    if (error.code === "ENOENT") {
        return "was not found: name a Python 3.10 or newer that has plate-recognizer-worker installed";
    }
    if (/No module named '?python_worker/.test(error.stderr ?? "")) {
        return "has no plate-recognizer-worker: install it there with pip";
    }
    return `cannot run the worker: ${lastLine(error.stderr) || error.message}`;
}

function lastLine(text) {
    return (text ?? "").trim().split("\n").at(-1);
}

module.exports = { PythonError, checkWorker, findPython };
