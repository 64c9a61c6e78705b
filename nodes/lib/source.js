"use strict";

// Where the worker comes from: a remote one, one in a ready interpreter, or one in an environment of our own.

const path = require("node:path");
const { Environment } = require("./environment");
const { startWorker } = require("./process");
const { PythonError, checkWorker } = require("./python");
const { version } = require("../../package.json");

/**
 * Return the source that the settings choose. A source has
 * `remote`, whether the worker runs elsewhere;
 * `start(progress)`, which resolves with a worker `{url, token, exited, stop}` to connect to, as `startWorker` does;
 * `install(extra, progress)`, which adds an extra of the Python package, or null where that is the user's affair.
 */
function workerSource(RED) {
    const settings = RED.settings.plateRecognizer ?? {};
    const log = logger(RED);
    const url = settings.url || process.env.PLATE_RECOGNIZER_WORKER_URL;
    if (url) {
        return remoteSource(url, settings.token || process.env.PLATE_RECOGNIZER_WORKER_TOKEN || "");
    }
    const folder = path.join(RED.settings.userDir || process.cwd(), "plate-recognizer");
    const options = { state: path.join(folder, "state"), log };
    const python = settings.python || process.env.PLATE_RECOGNIZER_PYTHON;
    if (python) {
        return {
            remote: false,
            install: null,
            async start() {
                await checkWorker(python, version);
                return startWorker(python, options);
            },
        };
    }
    const environment = new Environment({ folder, version, log });
    return {
        remote: false,
        install: (extra, progress) => environment.install(extra, progress),
        start: async (progress) => startWorker(await environment.prepare(progress), options),
    };
}

function remoteSource(url, token) {
    return {
        remote: true,
        install: null,
        async start() {
            if (!/^wss?:\/\//.test(url) || !URL.canParse(url)) {
                throw new PythonError(
                    "the address of the remote worker must be a URL that begins with ws:// or wss://",
                );
            }
            return { url, token, exited: new Promise(() => {}), stop: async () => {} };
        },
    };
}

function logger(RED) {
    const levels = ["debug", "info", "warn", "error"];
    return Object.fromEntries(levels.map((level) => [level, (text) => RED.log[level](`[plate-recognizer] ${text}`)]));
}

module.exports = { logger, workerSource };
