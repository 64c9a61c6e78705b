"use strict";

// The worker's own Python environment: which one is in use, when it is looked at closely, and when a failure is tried again.

const { Retries } = require("./backoff");
const { install } = require("./installer");
const { findPython } = require("./python");

const BASE = "base";

class Environment {
    /**
     * @param {object} options
     * @param {string} options.folder - where environments live
     * @param {"auto" | "always" | "never"} options.hashes - whether packages must be the very files that were tested
     * @param {{debug: Function, info: Function, warn: Function}} options.log
     */
    constructor({ folder, hashes, log }) {
        this.folder = folder;
        this.hashes = hashes;
        this.log = log;
        // Of each lock and interpreter, since another one may do what the first cannot.
        this.retries = new Map();
        this.work = Promise.resolve();
    }

    /**
     * Return an environment to start the worker with, made where there is none.
     *
     * @param {(text: string) => void} progress
     * @param {boolean} suspect - the worker did not start in it just now
     * @returns {Promise<{python: string, packages: string[], outdated: string[], trouble: object?}>}
     * @throws {PythonError}
     */
    prepare(progress, suspect = false) {
        return this.inTurn(() => this.get(BASE, progress, suspect ? ["--suspect"] : []));
    }

    /** Add an extra, "embedded" for example, whose folder the worker looks into already. */
    install(extra, progress) {
        return this.inTurn(() => this.get(extra, progress));
    }

    /** Remove what nobody needs any more. */
    async tidy() {
        await this.inTurn(async () => this.run(await findPython(), BASE, () => {}, ["--tidy"])).catch((error) =>
            this.log.warn(`old Python environments cannot be removed: ${error.message}`),
        );
    }

    /** Something may have changed, so whatever failed is tried again at once. */
    renew() {
        for (const retries of this.retries.values()) {
            retries.renew();
        }
    }

    /** A worker that is restarted while packages are installed waits for its turn. */
    inTurn(step) {
        const result = this.work.then(step);
        this.work = result.catch(() => {});
        return result;
    }

    async get(lock, progress, args = []) {
        const base = await findPython();
        const what = `${lock} ${base.executable}`;
        if (!this.retries.has(what)) {
            this.retries.set(what, new Retries());
        }
        return this.retries.get(what).run(() => this.run(base, lock, progress, args));
    }

    run(base, lock, progress, args) {
        const options = ["--folder", this.folder, "--hashes", this.hashes, ...args, lock];
        return install(base.executable, options, this.log, progress);
    }
}

module.exports = { Environment };
