"use strict";

// Runs a Python module of this project in the environment .venv, which it makes where it is absent or out of date:
//     node scripts/run.js [--with=EXTRA] MODULE [ARGUMENT…]
// EXTRA of pyproject.toml is what this module alone needs.
// Standard input and output belong to the module alone; the set-up writes to standard error.

const { spawn, spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

// Nothing here may need a package: this runs before anything is installed.
const { findPython } = require("../nodes/lib/python");

const ROOT = path.dirname(__dirname);
const ENVIRONMENT = path.join(ROOT, ".venv");
const PYTHON = path.join(
    ENVIRONMENT,
    ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);
const NEEDED = "embedded,server,dev";

async function setUp(extra) {
    // An editable install knows the checkout's place, so a checkout that was moved needs a new stamp, too.
    const stamp = createHash("sha256")
        .update(ROOT)
        .update(fs.readFileSync(path.join(ROOT, "pyproject.toml")))
        .digest("hex");
    // Python is a link, and it breaks when the Python that it was made with is removed.
    const usable = fs.existsSync(PYTHON);
    if (!usable || !isStamped(NEEDED, stamp)) {
        console.error("Setting up the Python environment .venv …");
        const { executable } = await findPython();
        run(executable, ["-I", "-m", "venv", ...(usable ? [] : ["--clear"]), ENVIRONMENT]);
        install(NEEDED, stamp);
    }
    if (extra !== undefined && !isStamped(extra, stamp)) {
        console.error(`Installing what "${extra}" in pyproject.toml names …`);
        install(extra, stamp);
    }
}

function stampFile(extras) {
    return path.join(ENVIRONMENT, `.stamp-${extras}`);
}

function isStamped(extras, stamp) {
    const file = stampFile(extras);
    return fs.existsSync(file) && fs.readFileSync(file, "utf8") === stamp;
}

function install(extras, stamp) {
    run(PYTHON, ["-I", "-m", "pip", "install", "--quiet", "--editable", `${ROOT}[${extras}]`]);
    fs.writeFileSync(stampFile(extras), stamp);
}

function run(command, args) {
    const { error, status } = spawnSync(command, args, { stdio: ["ignore", process.stderr, process.stderr] });
    if (error || status !== 0) {
        throw new Error(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
    }
}

async function main(...given) {
    const extra = given[0]?.startsWith("--with=") ? given.shift().slice("--with=".length) : undefined;
    const [module, ...args] = given;
    try {
        await setUp(extra);
    } catch (error) {
        console.error(error.message);
        process.exitCode = 1;
        return;
    }
    const child = spawn(PYTHON, ["-I", "-m", module, ...args], {
        // Paths on the command line are relative to where npm was called, not to where it runs scripts.
        cwd: process.env.INIT_CWD || process.cwd(),
        stdio: "inherit",
    });
    // Ctrl-C reaches the whole foreground group. A signal to this process alone is passed on.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", (error) => {
        console.error(error.message);
        process.exitCode = 1;
    });
    child.on("exit", (code, signal) => {
        process.exitCode = code ?? 128 + os.constants.signals[signal];
    });
}

main(...process.argv.slice(2));
