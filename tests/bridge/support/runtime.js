"use strict";

// What the bridge sees of Node-RED: the real RED.util, and a node that remembers what was done to it.

const { EventEmitter, once } = require("node:events");
const { util } = require("@node-red/util");
const { Bridge } = require("../../../nodes/lib/bridge");
const { Peer, TOKEN } = require("./peer");

function makeRED() {
    const lines = [];
    const levels = ["debug", "info", "warn", "error"];
    const log = Object.fromEntries(levels.map((level) => [level, (text) => lines.push(`${level} ${text}`)]));
    return { util, log, lines, settings: {}, version: () => "4.1.0" };
}

class FakeNode extends EventEmitter {
    constructor({ id = "node", type = "plate-recognizer", wires = [["next"], ["failures"]], credentials } = {}) {
        super();
        Object.assign(this, { id, type, wires, credentials });
        this.statuses = [];
        this.said = [];
        this.stores = { flow: {}, global: {} };
    }

    status(status) {
        this.statuses.push(status);
        this.emit("status", status);
    }

    /** Wait until the status' text matches. */
    async shows(pattern) {
        while (!pattern.test(this.statuses.at(-1)?.text ?? "")) {
            await once(this, "status");
        }
    }

    log(text) {
        this.said.push(`log ${text}`);
    }

    warn(text) {
        this.said.push(`warn ${text}`);
    }

    error(text) {
        this.said.push(`error ${text}`);
    }

    /** Context stores whose values may be functions that take the callback, and so answer when they like. */
    context() {
        const store = (values) => ({
            get: (key, _store, callback) =>
                typeof values[key] === "function" ? values[key](callback) : callback(null, values[key]),
        });
        return { flow: store(this.stores.flow), global: store(this.stores.global) };
    }
}

/** Give a message to a node; `ended` resolves with this record at its end. */
function deliver(link, msg) {
    const record = { msg, sent: [], ends: 0, late: 0 };
    record.ended = new Promise((resolve) => {
        link.input(
            msg,
            (outputs) => {
                record.late += record.ends;
                record.sent.push(outputs);
            },
            (error) => {
                record.ends++;
                record.error = error;
                resolve(record);
            },
        );
    });
    return record;
}

/** A bridge with a scripted worker; both end with the test. */
async function bridgeWith(t, { peer: options, source = {} } = {}) {
    const peer = await Peer.listen(options);
    const RED = makeRED();
    const bridge = new Bridge(RED, {
        remote: false,
        install: null,
        start: async () => ({ url: peer.url, token: TOKEN, exited: new Promise(() => {}), stop: async () => {} }),
        ...(typeof source === "function" ? source(peer) : source),
    });
    t.after(async () => {
        bridge.stop();
        await bridge.running;
        await peer.close();
    });
    return { RED, bridge, peer };
}

module.exports = { FakeNode, bridgeWith, deliver, makeRED };
