"use strict";

// The private worker: a child process that listens on a socket which only this user can reach.

const { spawn } = require("node:child_process");
const { randomBytes } = require("node:crypto");
const { once } = require("node:events");
const { rmSync } = require("node:fs");
const { mkdtemp } = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { setTimeout: sleep } = require("node:timers/promises");
const { LAUNCH } = require("./installer");

const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 3_000;
// The last output of an ended process may still be on its way, and a process that it started may hold its pipes.
const LAST_WORDS_TIMEOUT = 1_000;
// The longest socket path that all systems take is 104 bytes (macOS); a mkdtemp name and "/s" come on top.
const LONGEST_FOLDER = 80;
// Otherwise glibc returns the memory of every large image to the system and requests it again for the next one: with
// these variables, an image of 3 MB takes 0.61 of its time (docs/benchmarks.md). Other C libraries do not know these
// variables.
const MALLOC = { MALLOC_MMAP_THRESHOLD_: String(8 * 2 ** 20), MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 20) };
const LEVELS = { DEBUG: "debug", INFO: "info", WARNING: "warn", ERROR: "error", CRITICAL: "error" };

/**
 * Start a worker and wait until it listens.
 *
 * @param {string} python - an interpreter that has what the worker needs
 * @param {object} options
 * @param {string} options.state - folder for what outlives a restart
 * @param {string[]} options.packages - folders with the packages of extras, which may come later
 * @param {?number} options.threads - of the processor for the embedded engine; null takes all cores that it may use
 * @param {object} options.log - debug, info, warn, error
 * @returns {Promise<{pid: number, url: string, token: string, exited: Promise<string>, stop: () => Promise}>} `exited`
 *     resolves with the reason; `stop` resolves once the worker has ended; one that hangs, or is stopped by a signal, is
 *     killed
 */
async function startWorker(python, { state, packages = [], threads = null, log }) {
    const token = randomBytes(32).toString("hex");
    const folder = process.platform === "win32" ? null : await mkdtemp(path.join(socketFolder(), "plr-"));
    const where = folder ? ["--socket", path.join(folder, "s")] : ["--port", "0"];
    const launch = ["-I", LAUNCH, ...packages.flatMap((folder) => ["-p", folder])];
    const command = ["bridge", "--private", ...where, "--state", state, ...(threads ? ["--threads", threads] : [])];
    const child = spawn(python, [...launch, "python_worker", ...command.map(String)], {
        stdio: ["pipe", "pipe", "pipe"],
        windowsHide: true,
        env: { ...MALLOC, ...process.env, PLATE_RECOGNIZER_SECRET: token },
    });
    const exited = new Promise((resolve) => {
        child.on("error", (error) => resolve(error.message));
        child.on("exit", (code, signal) => {
            const why = signal ? `it was ended by ${signal}` : `it ended with status ${code}`;
            child.on("close", () => resolve(why));
            setTimeout(() => resolve(why), LAST_WORDS_TIMEOUT).unref();
        });
    });
    removeWith(folder, exited);
    // Rejects when the program cannot be run; it may have no streams then.
    await once(child, "spawn");
    // The worker ends when standard input closes, so nobody has to write to it.
    child.stdin.on("error", () => {});
    let level = "error";
    let lastWords = "";
    readline.createInterface({ input: child.stderr }).on("line", (line) => {
        // Lines without a level continue the one before: a traceback.
        const match = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/.exec(line);
        level = match ? LEVELS[match[1]] : level;
        lastWords = line;
        log[level](`worker: ${match ? match[2] : line}`);
    });
    const endsWithin = (time) => Promise.race([exited, sleep(time, "", { ref: false })]);
    const stop = async () => {
        child.stdin.end();
        if (await endsWithin(STOP_TIMEOUT)) {
            return;
        }
        child.kill("SIGKILL");
        if (!(await endsWithin(STOP_TIMEOUT))) {
            // It may be waiting for a broken disk or network share. The next worker must not wait for that.
            log.warn(`the worker (process ${child.pid}) does not end; it is left alone`);
        }
    };
    try {
        const listening = await Promise.race([
            firstLine(child.stdout),
            exited.then((why) => Promise.reject(new Error(`the worker did not start: ${why} ${lastWords}`.trim()))),
            new Promise((_resolve, reject) => {
                setTimeout(() => reject(new Error("the worker did not start in time")), START_TIMEOUT).unref();
            }),
        ]);
        const url = folder ? `ws+unix://${listening}:/` : `ws://${listening.host}:${listening.port}/`;
        return { pid: child.pid, url, token, exited, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

/** Remove a folder when the worker has ended, or when Node-RED ends: a worker that was killed cannot do it itself. */
function removeWith(folder, exited) {
    if (!folder) {
        return;
    }
    const remove = () => {
        process.off("exit", remove);
        try {
            rmSync(folder, { recursive: true, force: true });
        } catch {
            // It is only a temporary folder, with a socket at most.
        }
    };
    process.on("exit", remove);
    exited.then(remove);
}

/** The folder for temporary files, unless its name is too long, or has characters that change in a URL. */
function socketFolder() {
    const folder = os.tmpdir();
    return folder.length <= LONGEST_FOLDER && /^[\w./~-]+$/.test(folder) ? folder : "/tmp";
}

async function firstLine(stream) {
    for await (const line of readline.createInterface({ input: stream })) {
        return JSON.parse(line).listening;
    }
    // Standard output closed without a line: `exited` tells why.
    return new Promise(() => {});
}

module.exports = { startWorker };
