"use strict";

// Node-RED's end of python_worker/environment, which makes the worker's Python environment in the user directory.

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const path = require("node:path");
const readline = require("node:readline");
const { PythonError } = require("./python");

const LAUNCH = path.join(__dirname, "..", "..", "python_worker", "launch.py");

/**
 * Ask for packages, and wait until they are there.
 *
 * @param {string} python - an interpreter that makes environments
 * @param {string[]} args - of `python_worker.environment`
 * @param {{debug: Function, info: Function, warn: Function}} log
 * @param {(text: string) => void} progress - is told what is being done, again every second
 * @returns {Promise<object>} what it answers: `{python, packages, outdated, trouble}`
 * @throws {PythonError}
 */
async function install(python, args, log, progress) {
    const child = spawn(python, ["-I", LAUNCH, "python_worker.environment", ...args], {
        // Standard input is the life line: the installation ends when it closes.
        stdio: ["pipe", "pipe", "pipe"],
        windowsHide: true,
    });
    child.stdin.on("error", () => {});
    let result = null;
    let lastWords = "";
    let step = null;
    const show = () => progress(`${step.text}, ${Math.round((Date.now() - step.begun) / 1000)} s`);
    const clock = setInterval(() => step && show(), 1000);
    const follow = (line) => {
        const told = parse(line);
        if (!told) {
            lastWords = line || lastWords;
        } else if (told.log !== undefined) {
            log[told.level](told.log);
        } else if (told.status !== undefined) {
            // The seconds count from the beginning of a step, whichever package it is at.
            const same = step && told.status.split(",")[0] === step.text.split(",")[0];
            step = { text: told.status, begun: same ? step.begun : Date.now() };
            show();
        } else {
            result = told;
        }
    };
    try {
        await once(child, "spawn");
        for (const stream of [child.stdout, child.stderr]) {
            readline.createInterface({ input: stream }).on("line", follow);
        }
        await once(child, "close");
    } catch (error) {
        throw new PythonError(`${python} cannot be run: ${error.message}`, "Python cannot be run");
    } finally {
        clearInterval(clock);
    }
    if (!result) {
        throw new PythonError(`the Python environment cannot be looked after: ${lastWords}`, "installing failed");
    }
    if (result.trouble) {
        // An error is continued by who tells it.
        result.trouble.message = result.trouble.message.replace(/\.$/, "");
        if (!result.python) {
            throw new PythonError(result.trouble.message, result.trouble.status);
        }
    }
    return result;
}

function parse(line) {
    try {
        const told = JSON.parse(line);
        return typeof told === "object" ? told : null;
    } catch {
        return null;
    }
}

module.exports = { LAUNCH, install };
