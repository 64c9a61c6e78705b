"use strict";

const RETRY = 300_000;

/** What a node cannot work without, the embedded engine for example: installed when the worker asks for it. */
class Extras {
    /** @param {import("./link").Link} link - of the node, whose messages wait meanwhile */
    constructor(link) {
        this.link = link;
        // Why the node can serve no messages for want of something, else empty.
        this.missing = "";
        this.installed = null;
        this.retry = null;
    }

    /** Install an extra and open the node again; where that cannot be done, fail its messages with the hint. */
    async get({ extra, message: hint }) {
        const { link } = this;
        const { bridge } = link;
        const { connection } = bridge;
        const showProgress = (text) => link.status({ fill: "yellow", shape: "ring", text });
        // Asked a second time over the same connection, the worker says why an installation was not enough.
        const running = this.installed === connection ? null : bridge.install(extra, showProgress);
        let problem = hint;
        if (running) {
            showProgress(`installing ${extra}`);
            try {
                await running;
                problem = "";
            } catch (error) {
                problem = error.message.includes(hint) ? hint : `${error.message}. ${hint}`;
            }
        }
        if (!bridge.links.has(link.handle) || bridge.connection !== connection) {
            // A new connection opens the node again, and asks again when that is needed.
            return;
        }
        if (problem) {
            this.refuse(problem);
        } else {
            this.installed = connection;
            link.open();
        }
    }

    /** Stop asking again; the node is opened or closed. */
    cancel() {
        clearTimeout(this.retry);
    }

    /** Serve no messages, and ask again from time to time whether it is there. */
    refuse(reason) {
        const { link } = this;
        this.missing = reason;
        link.node.error(reason);
        link.failWaiting(503, reason);
        link.status({ fill: "red", shape: "ring", text: reason });
        this.retry = setTimeout(() => {
            this.installed = null;
            if (link.bridge.connection) {
                link.open();
            }
        }, RETRY).unref();
    }
}

module.exports = { Extras };
