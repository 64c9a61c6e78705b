"use strict";

const RETRY = 60_000;

/** What a node cannot work without, the embedded engine for example: installed when the worker asks for it. */
class Extras {
    /** @param {import("./link").Link} link - of the node, whose messages wait meanwhile */
    constructor(link) {
        this.link = link;
        // Why the node can serve no messages for want of something, else empty.
        this.missing = "";
        // The extras that were installed over the connection that is named.
        this.installed = { connection: null, names: new Set() };
        this.retry = null;
    }

    /** Install an extra and open the node again; where that cannot be done, fail its messages with the hint. */
    async get({ extra, message: hint }) {
        const { link } = this;
        const { bridge } = link;
        const { connection } = bridge;
        const showProgress = (text) => {
            link.greeting.expect();
            link.status({ fill: "yellow", shape: "ring", text });
        };
        // Asked a second time over the same connection, the worker says why an installation was not enough.
        const running = this.wasInstalled(extra, connection) ? null : bridge.install(extra, showProgress);
        let problem = new Error(hint);
        if (running) {
            if (!this.missing) {
                showProgress(`installing ${extra}`);
            }
            problem = await running.then(() => null).catch((error) => error);
        }
        if (!bridge.links.has(link.handle) || bridge.connection !== connection) {
            // A new connection opens the node again, and asks again when that is needed.
            return;
        }
        if (problem) {
            this.refuse(problem);
        } else {
            this.installed.names.add(extra);
            link.open();
        }
    }

    wasInstalled(extra, connection) {
        if (this.installed.connection !== connection) {
            this.installed = { connection, names: new Set() };
        }
        return this.installed.names.has(extra);
    }

    /** Stop asking again; the node is opened or closed. */
    cancel() {
        clearTimeout(this.retry);
    }

    /** Serve no messages, and ask again from time to time whether it is there. */
    refuse({ message, status }) {
        const { link } = this;
        if (message !== this.missing) {
            link.node.error(message);
        }
        this.missing = message;
        link.failWaiting(503, message);
        link.status({ fill: "red", shape: "ring", text: status ?? message });
        this.retry = setTimeout(() => {
            this.installed.names.clear();
            if (link.bridge.connection) {
                link.open();
            }
        }, RETRY).unref();
    }
}

module.exports = { Extras };
