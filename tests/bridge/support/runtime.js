"use strict";

// The parts of Node-RED that the bridge sees: the real RED.util, and a node that records what was done to it.

const { EventEmitter, once } = require("node:events");
const { util } = require("@node-red/util");
const { Bridge } = require("../../../nodes/lib/bridge");
const { readLimits } = require("../../../nodes/lib/limits");
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
        while (!this.statuses.length || !pattern.test(this.statuses.at(-1).text ?? "")) {
            await once(this, "status");
        }
    }

    /** Take messages that the node begins by itself. */
    send(outputs) {
        this.emit("begun", outputs);
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

/**
 * A bridge with a scripted worker; both end with the test.
 *
 * @param {object} t
 * @param {object} [options]
 * @param {object} [options.peer] - see `Peer.listen`
 * @param {object|Function} [options.source] - differences from a worker that is there at once
 * @param {object} [options.settings] - `plateRecognizer` of Node-RED's settings
 * @param {object} [options.timing] - clock and life signs, see `Bridge`
 */
async function bridgeWith(t, { peer: options, source = {}, settings, timing } = {}) {
    const peer = await Peer.listen(options);
    const RED = makeRED();
    const changes = typeof source === "function" ? source(peer) : source;
    const start = async () => ({
        url: peer.url,
        token: TOKEN,
        exited: new Promise(() => {}),
        stop: async () => {},
    });
    const bridge = new Bridge(RED, { remote: false, install: null, start, ...changes }, readLimits(settings), timing);
    t.after(async () => {
        bridge.stop();
        await bridge.running;
        await peer.close();
    });
    return { RED, bridge, peer };
}

/**
 * A node that is ready for messages.
 *
 * @param {object} t
 * @param {object} [options] - of `bridgeWith`, and
 * @param {FakeNode} [options.node]
 * @param {object} [options.config] - of the node
 * @param {object} [options.traits] - see `Link`
 * @param {Array} [options.needs] - what the worker says that it needs
 * @param {object} [options.inputs] - as `needs`
 * @param {number} [options.patience] - as `needs`
 * @param {object} [options.fields] - as `needs`
 */
async function ready(
    t,
    { node = new FakeNode(), config = {}, traits, needs, inputs, patience, fields, ...options } = {},
) {
    const { RED, bridge, peer } = await bridgeWith(t, options);
    const link = bridge.open(node, config, traits);
    await peer.ready({ needs, inputs, patience, fields });
    await node.shows(/^$/);
    return { RED, bridge, peer, node, link };
}

/** Deliver a message and return its record and its `input` frame. */
async function inFlight({ link, peer }, msg) {
    const record = deliver(link, msg);
    return { record, frame: await peer.next("input") };
}

module.exports = { FakeNode, bridgeWith, deliver, inFlight, makeRED, ready };
