"use strict";

const { Admission } = require("./admission");
const { pause } = require("./backoff");
const { connect } = require("./connection");
const { reasonOf } = require("./failures");
const { readLimits } = require("./limits");
const { Link } = require("./link");
const { logger } = require("./source");
const { version } = require("../../package.json");

const LINGER = 10_000;
const STABLE = 30_000;
const SUSPICIOUS_FAILURES = 3;

/**
 * The one connection of a Node-RED process with its worker: started with the first node, restarted when it breaks,
 * stopped with the last node.
 *
 * `state` is "starting" (messages wait), "up", or "down" (messages fail at once with `reason`, tries go on).
 */
class Bridge {
    /**
     * @param {object} RED
     * @param {object} source - of workers, see `workerSource`
     * @param {object} [limits] - see `readLimits`
     * @param {object} [options]
     * @param {() => number} [options.now] - the clock of the messages' age, see `Admission`
     * @param {object} [options.lifeSigns] - see `connect`
     */
    constructor(RED, source, limits = readLimits(), { now, lifeSigns } = {}) {
        this.RED = RED;
        this.source = source;
        this.log = logger(RED);
        this.links = new Map();
        this.state = "starting";
        this.reason = "";
        // The reason in a few words, if there are any.
        this.brief = "";
        this.progress = "starting";
        this.connection = null;
        this.admission = new Admission(limits, { unsent: () => this.connection?.unsent ?? 0, now });
        this.lifeSigns = lifeSigns;
        this.counter = 0;
        this.stopping = null;
        this.impatient = new AbortController();
        this.linger = null;
        this.installs = new Map();
        this.running = Promise.resolve();
    }

    /** Begin to serve a node; `traits` as for `Link`. */
    open(node, config, traits) {
        clearTimeout(this.linger);
        const link = new Link(this, this.nextHandle(), node, config, traits);
        this.links.set(link.handle, link);
        // A deploy may have changed what made the last try fail.
        this.source.renew?.();
        this.impatient.abort();
        if (!this.stopping) {
            this.stopping = new AbortController();
            const { signal } = this.stopping;
            // A worker that is just being stopped must be gone before the next one starts.
            this.running = this.running.then(() => this.run(signal));
        }
        this.show(link);
        if (this.connection) {
            link.open();
        }
        return link;
    }

    /** End serving a node; the worker outlives a redeploy, which closes all nodes and opens them again. */
    forget(link) {
        this.links.delete(link.handle);
        if (this.links.size === 0) {
            this.linger = setTimeout(() => this.stop(), LINGER).unref();
        }
    }

    stop() {
        clearTimeout(this.linger);
        this.stopping?.abort();
        this.stopping = null;
        this.state = "starting";
    }

    nextHandle() {
        return ++this.counter;
    }

    /** Keep a worker running and connected until the signal aborts. */
    async run(signal) {
        let failures = 0;
        while (!signal.aborted) {
            const begun = Date.now();
            let why;
            let brief;
            let connected = false;
            this.impatient = new AbortController();
            try {
                why = await this.serveOnce(signal, () => (connected = true));
            } catch (error) {
                why = reasonOf(error);
                brief = error?.status;
            }
            if (signal.aborted) {
                break;
            }
            failures = connected && Date.now() - begun > STABLE ? 0 : failures + 1;
            // A worker that broke off comes back in a moment; one that does not start, or breaks off again and
            // again, would keep messages waiting for nothing.
            const down = !connected || failures >= SUSPICIOUS_FAILURES;
            // Log a failure once, not at every try.
            if (!(down && this.state === "down" && this.reason === why)) {
                this.log[down ? "error" : "warn"](`the worker is unavailable: ${why}`);
            }
            this.setState(down ? "down" : "starting", why, brief);
            await pause(failures - 1, AbortSignal.any([signal, this.impatient.signal]));
        }
    }

    /** Start a worker, serve the nodes with it until the connection ends, and return why it did. */
    async serveOnce(signal, onConnected) {
        const worker = await this.source.start((text) => this.setProgress(text));
        try {
            signal.throwIfAborted();
            const connection = await connect({
                url: worker.url,
                token: worker.token,
                remote: this.source.remote,
                versions: { package: version, nodered: this.RED.version?.(), node: process.version },
                signal,
                onFrame: (frame) => this.receive(frame),
                lifeSigns: this.lifeSigns,
            });
            onConnected();
            this.connection = connection;
            this.setState("up", "");
            this.forEachLink((link) => link.open());
            return await Promise.race([connection.closed, worker.exited]);
        } finally {
            this.connection?.close();
            const reason = "The connection to the plate recognizer worker broke off while it had this message.";
            this.forEachLink((link) => link.lost(reason));
            this.connection = null;
            // Two workers at once would overwrite each other's state.
            await worker.stop();
        }
    }

    /** Hand a frame to its node; what goes wrong with one node must not break the connection of all. */
    receive(frame) {
        try {
            this.links.get(frame.node)?.receive(frame);
        } catch (error) {
            this.log.error(`a frame of the worker cannot be handled: ${reasonOf(error)}`);
        }
    }

    /** Do something with every node; what goes wrong with one must not keep it from the others. */
    forEachLink(act) {
        for (const link of [...this.links.values()]) {
            try {
                act(link);
            } catch (error) {
                this.log.error(`a node cannot be told how its worker is: ${reasonOf(error)}`);
            }
        }
    }

    setState(state, reason, brief = reason) {
        this.state = state;
        this.reason = reason;
        this.brief = brief;
        this.progress = "starting";
        this.forEachLink((link) => {
            if (state === "down") {
                link.failWaiting(503, `The plate recognizer worker is unavailable: ${reason}.`);
            }
            this.show(link);
        });
    }

    setProgress(text) {
        // Something is being done about it, so messages wait again.
        this.state = "starting";
        this.progress = text;
        this.forEachLink((link) => {
            link.greeting.expect();
            this.show(link);
        });
    }

    /** Show what keeps a node waiting. */
    show(link) {
        if (this.state === "down") {
            link.status({ fill: "red", shape: "ring", text: this.brief });
        } else if (this.state === "starting") {
            link.status({ fill: "yellow", shape: "ring", text: this.progress });
        }
    }

    /** Install an extra once, however many nodes ask for it. */
    install(extra, progress) {
        if (!this.source.install) {
            return null;
        }
        if (!this.installs.has(extra)) {
            const running = this.source.install(extra, progress);
            this.installs.set(extra, running);
            running.finally(() => this.installs.delete(extra)).catch(() => {});
        }
        return this.installs.get(extra);
    }
}

module.exports = { Bridge };
