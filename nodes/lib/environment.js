"use strict";

// The worker's own Python environment in Node-RED's user directory, made when a node needs it first.

const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const { once } = require("node:events");
const fs = require("node:fs/promises");
const path = require("node:path");
const readline = require("node:readline");
const { pathToFileURL } = require("node:url");
const { PythonError, checkWorker, findPython } = require("./python");

const PACKAGE = path.join(__dirname, "..", "..");
const PROJECT = "plate-recognizer-worker";
const MARKER = "complete.json";
const TAIL = 12;

class Environment {
    /**
     * @param {object} options
     * @param {string} options.folder - where environments live
     * @param {string} options.version - of the worker
     * @param {{info: Function, warn: Function}} options.log
     */
    constructor({ folder, version, log }) {
        this.folder = folder;
        this.version = version;
        this.log = log;
        this.place = null;
        this.work = Promise.resolve();
    }

    /**
     * Return the interpreter of a working environment, made where there is none.
     *
     * @param {(text: string) => void} progress
     * @throws {PythonError}
     */
    prepare(progress) {
        return this.inTurn(() => this.prepareNow(progress));
    }

    /** Add an extra of the worker's package, "embedded" for example. */
    install(extra, progress) {
        return this.inTurn(() => this.installNow(extra, progress));
    }

    /** A worker that is restarted while pip works must not judge an environment that is half changed. */
    inTurn(step) {
        const result = this.work.then(step);
        this.work = result.catch(() => {});
        return result;
    }

    async prepareNow(progress) {
        const base = await findPython();
        const name = `env-${base.version.slice(0, 2).join(".")}-${await this.digest(base)}`;
        this.place = path.join(this.folder, name);
        const marker = await this.readMarker();
        if (marker) {
            try {
                await checkWorker(this.python, this.version);
                return this.python;
            } catch (error) {
                this.log.warn(`the Python environment is damaged and is made anew: ${error.message}`);
            }
        }
        await this.build(base, marker?.extras ?? [], progress);
        await this.removeOthers(name);
        return this.python;
    }

    async installNow(extra, progress) {
        const { extras } = (await this.readMarker()) ?? { extras: [] };
        // An installation that is cut off leaves anything behind; one that fails leaves what there was.
        await fs.rm(this.marker, { force: true });
        try {
            await this.pip([...new Set([...extras, extra])], progress);
        } catch (error) {
            await this.mark(extras);
            throw error;
        }
    }

    get marker() {
        return path.join(this.place, MARKER);
    }

    get python() {
        return process.platform === "win32"
            ? path.join(this.place, "Scripts", "python.exe")
            : path.join(this.place, "bin", "python");
    }

    /** What an environment depends on: the interpreter, and every file that is installed into it. */
    async digest(base) {
        const hash = createHash("sha256").update(JSON.stringify([base.tag, base.executable, this.version]));
        const sources = await fs.readdir(path.join(PACKAGE, "python_worker"), { recursive: true, withFileTypes: true });
        const files = sources
            .filter((entry) => entry.isFile() && !entry.name.endsWith(".pyc"))
            .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
        for (const file of [path.join(PACKAGE, "pyproject.toml"), ...files.sort()]) {
            hash.update(path.relative(PACKAGE, file)).update(await fs.readFile(file));
        }
        return hash.digest("hex").slice(0, 12);
    }

    async build(base, extras, progress) {
        progress("creating a Python environment");
        this.log.info(`creating a Python environment with ${base.executable} in ${this.place}`);
        // Without its marker an environment counts as unfinished, so an interrupted build is never used.
        await fs.rm(this.place, { recursive: true, force: true });
        await fs.mkdir(this.folder, { recursive: true });
        await this.run(
            base.executable,
            ["-I", "-m", "venv", this.place],
            "creating a Python environment failed",
            () => {},
        );
        await this.pip(extras, progress);
        await checkWorker(this.python, this.version);
    }

    async pip(extras, progress) {
        const wanted = extras.length ? `${PROJECT}[${extras.join(",")}]` : PROJECT;
        // The dot keeps pip from reading a version into the folder's name, which has hyphens: it would take the folder
        // for an archive of that version, and install what it built from it last time.
        const requirement = `${wanted} @ ${pathToFileURL(PACKAGE)}/.`;
        const flags = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"];
        this.log.info(`installing ${wanted}`);
        await this.run(
            this.python,
            ["-I", "-m", "pip", "install", ...flags, requirement],
            `installing ${wanted} failed`,
            (line) => {
                const name = packageName(line);
                if (name) {
                    progress(`installing ${name}`);
                }
            },
        );
        await this.mark(extras);
        this.log.info(`${wanted} is installed`);
    }

    /** Run a command to its end; a failure tells the last lines that it printed. */
    async run(command, args, failure, onLine) {
        const child = spawn(command, args, {
            stdio: ["ignore", "pipe", "pipe"],
            windowsHide: true,
            env: { ...process.env, PYTHONUNBUFFERED: "1" },
        });
        try {
            await once(child, "spawn");
        } catch (error) {
            throw new PythonError(`${failure}: ${error.message}`);
        }
        const tail = [];
        for (const stream of [child.stdout, child.stderr]) {
            readline.createInterface({ input: stream }).on("line", (line) => {
                tail.push(withoutPasswords(line));
                tail.splice(0, tail.length - TAIL);
                onLine(line);
            });
        }
        const [code, signal] = await once(child, "close");
        if (code !== 0) {
            this.log.warn(`${failure}:\n${tail.join("\n")}`);
            const reason = tail.findLast((line) => /error/i.test(line)) ?? tail.at(-1) ?? `status ${signal ?? code}`;
            throw new PythonError(`${failure}: ${reason.trim()}`);
        }
    }

    async readMarker() {
        try {
            return JSON.parse(await fs.readFile(this.marker, "utf8"));
        } catch {
            return null;
        }
    }

    mark(extras) {
        return fs.writeFile(this.marker, JSON.stringify({ extras }));
    }

    /** Remove the environments of other versions. */
    async removeOthers(name) {
        for (const entry of await fs.readdir(this.folder)) {
            if (entry.startsWith("env-") && entry !== name) {
                await fs.rm(path.join(this.folder, entry), { recursive: true, force: true });
            }
        }
    }
}

/** Return the package that a line of pip's is about, or undefined. */
function packageName(line) {
    // A wheel's name ends at its version, a requirement's where its version or its address begins.
    const wheel = /^\s*Downloading (?:\S*\/)?([\w.]+)-/.exec(line);
    const requirement = /^\s*(?:Collecting|Installing collected packages:) ([\w.-]+)/.exec(line);
    return (wheel ?? requirement)?.[1];
}

/** Package indexes are often configured with a user name and password in their address. */
function withoutPasswords(line) {
    return line.replace(/:\/\/[^/\s]*@/g, "://…@");
}

module.exports = { Environment };
