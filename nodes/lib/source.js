"use strict";

// Where the worker comes from: a remote one, one in a ready interpreter, or one in an environment of our own.

const path = require("node:path");
const { Environment } = require("./environment");
const { readThreads } = require("./limits");
const { startWorker } = require("./process");
const { PythonError } = require("./python");
const { checkReady } = require("./ready");

const HASHES = new Map([
    ["auto", "auto"],
    ["true", "always"],
    ["false", "never"],
]);

/**
 * Return the source that the settings choose. A source has
 * `remote`, whether the worker runs elsewhere;
 * `start(progress)`, which resolves with a worker `{url, token, exited, stop}` to connect to, as `startWorker` does;
 * `install(extra, progress)`, which adds an extra's packages, or null where that is the user's affair;
 * `renew()`, where there is one: what failed to be installed is tried again at once.
 */
function workerSource(RED) {
    const settings = RED.settings.plateRecognizer ?? {};
    const log = logger(RED);
    const url = settings.url || process.env.PLATE_RECOGNIZER_WORKER_URL;
    if (url) {
        return remoteSource(url, settings.token || process.env.PLATE_RECOGNIZER_WORKER_TOKEN || "");
    }
    const folder = path.join(RED.settings.userDir || process.cwd(), "plate-recognizer");
    const options = { state: path.join(folder, "state"), threads: readThreads(settings, log), log };
    const python = settings.python || process.env.PLATE_RECOGNIZER_PYTHON;
    if (python) {
        return {
            remote: false,
            install: null,
            async start() {
                await checkReady(python, log);
                return startWorker(python, options);
            },
        };
    }
    const hashes = HASHES.get(String(settings.hashes ?? (process.env.PLATE_RECOGNIZER_HASHES || "auto")));
    if (!hashes) {
        log.error('plateRecognizer.hashes must be true, false or "auto"; it counts as true');
    }
    return ownSource(new Environment({ folder, hashes: hashes ?? "always", log }), options);
}

function ownSource(environment, options) {
    const { log } = options;
    return {
        remote: false,
        install: (extra, progress) => environment.install(extra, progress),
        renew: () => environment.renew(),
        async start(progress) {
            const start = ({ python, packages }) => startWorker(python, { ...options, packages });
            let found = await environment.prepare(progress);
            let worker;
            try {
                worker = await start(found);
            } catch (error) {
                // Only now is it worth the time to look whether the environment is the reason.
                found = await environment.prepare(progress, true);
                worker = await start(found).catch((again) => {
                    throw found.trouble ? new PythonError(found.trouble.message, found.trouble.status) : again;
                });
                log.info(`the worker started at the second try; the first one failed: ${error.message}`);
            }
            lookAfter(environment, found, log);
            return worker;
        },
    };
}

/** Replace what is outdated, and then remove it, while the worker runs. */
async function lookAfter(environment, { outdated }, log) {
    for (const extra of outdated) {
        await environment
            .install(extra, () => {})
            .catch((error) => log.warn(`${extra} stays in its earlier version: ${error.message}`));
    }
    await environment.tidy();
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
