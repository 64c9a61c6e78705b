"use strict";

const { STATUS_CODES } = require("node:http");
const { workersConfig, workersCredentials } = require("./config");
const { applyEdits, editedMessages } = require("./edits");
const { Extras } = require("./extras");
const { failure, reasonOf, tellFailure } = require("./failures");
const { Greeting } = require("./greeting");
const { Lookups } = require("./inputs");
const { Message } = require("./message");
const { encode, encodeInput, lookUp, portable } = require("./values");
const { wiredOutputs } = require("./wires");

const PAYLOAD = { output: "payload", input: null, errors: 1 };

/** One open node: its messages on their way to the worker and back. */
class Link {
    /**
     * @param {import("./bridge").Bridge} bridge
     * @param {number} handle - of the node at the worker's end
     * @param {object} node - of Node-RED
     * @param {object} config - as deployed
     * @param {object} [traits] - what Node-RED's side must know of the node's work, see `traitsOf`
     * @param {object} [traits.fields] - where failures go until the worker says it, see `tellFailure`
     * @param {boolean} [traits.newestOnly] - whether a new message replaces the one that waits for the worker
     */
    constructor(bridge, handle, node, config, { fields = PAYLOAD, newestOnly = false } = {}) {
        this.bridge = bridge;
        this.handle = handle;
        this.node = node;
        this.config = workersConfig(config);
        this.fields = fields;
        this.newestOnly = newestOnly;
        // The messages that have not ended, in the order of arrival.
        this.messages = new Map();
        this.ready = null;
        this.extras = new Extras(this);
        this.lookups = new Lookups(bridge.RED.util, node);
        this.greeting = new Greeting((status) => this.status(status));
    }

    /** Seconds that one message may take in the worker. */
    get patience() {
        return this.ready?.patience ?? 0;
    }

    get isOpen() {
        return this.bridge.links.has(this.handle);
    }

    /** Tell the worker of the node; it answers `ready` or `requires`. */
    open() {
        this.extras.cancel();
        // The worker drops what it had of the node.
        this.lost("The plate recognizer worker began anew with this node.");
        this.send("open", {
            value: {
                type: this.node.type,
                id: this.node.id,
                config: this.config,
                credentials: workersCredentials(this.node.credentials),
            },
        });
    }

    /** Take a message from the flow. */
    input(msg, send, done) {
        const message = new Message(this, this.bridge.nextHandle(), msg, send, done);
        if (!this.isOpen) {
            this.end(message);
            return;
        }
        if (!this.ready) {
            this.skipWaiting();
        }
        const refusal = this.refusal() || this.bridge.admission.admit(message);
        if (refusal) {
            this.fail(message, 503, refusal);
            return;
        }
        this.messages.set(message.msgid, message);
        if (this.ready) {
            this.transmit(message);
        }
    }

    /** Return why no message is served at present, or an empty text if a message is sent or waits. */
    refusal() {
        if (this.ready) {
            return "";
        }
        const { state, reason } = this.bridge;
        return state === "down" ? `The plate recognizer worker is unavailable: ${reason}.` : this.extras.missing;
    }

    /** End the node: the worker drops its work, and every message is completed. */
    close(removed) {
        this.extras.cancel();
        this.greeting.cancel();
        this.bridge.forget(this);
        this.send("close", { value: { removed: Boolean(removed) } });
        this.ready = null;
        for (const message of [...this.messages.values()]) {
            this.end(message);
        }
        this.node.status({});
    }

    /** Act on a frame from the worker, whose form was checked. */
    receive(frame) {
        switch (frame.ctx) {
            case "status":
                this.status(frame.value);
                break;
            case "send":
                this.receiveSend(frame);
                break;
            case "done":
                this.end(this.messages.get(frame.msgid));
                break;
            case "error":
                this.receiveError(frame);
                break;
            case "ready":
                this.begin(frame.value);
                break;
            case "requires":
                this.extras.get(frame.value).catch((error) => this.node.error(reasonOf(error)));
                break;
            case "log":
            case "warn":
                this.node[frame.ctx](frame.value);
                break;
            default:
                this.bridge.log.warn(`the worker sent an unknown frame: ${frame.ctx.slice(0, 50)}`);
        }
    }

    /** The worker is ready: send what waits. */
    begin(ready) {
        this.extras.missing = "";
        this.ready = ready;
        this.fields = ready.fields;
        this.greeting.ready();
        this.skipWaiting({ keep: 1 });
        for (const message of this.waiting()) {
            // A failure meanwhile may make the flow close the node.
            if (this.ready === ready && message.isWaiting) {
                this.transmit(message);
            }
        }
    }

    /** The connection broke, so the worker lost what it had; messages that were not sent yet go on waiting. */
    lost(reason) {
        this.ready = null;
        for (const message of [...this.messages.values()].filter((each) => each.isSent)) {
            this.fail(message, 503, reason);
        }
    }

    failWaiting(code, reason) {
        for (const message of [...this.messages.values()]) {
            this.fail(message, code, reason);
        }
    }

    /** A message has become too old. */
    expire(message, age) {
        const where = message.isSent ? "the plate recognizer worker has not answered it" : "it was still waiting";
        if (message.isSent) {
            this.send("cancel", { msgid: message.msgid });
        }
        this.fail(message, 504, `The message is ${Math.round(age)} seconds old and ${where}, so it was given up.`);
    }

    /** Show a status, unless the node is closed: an installation that it started may still report. */
    status(status) {
        this.greeting.cancel();
        if (this.isOpen) {
            try {
                this.node.status(status);
            } catch (error) {
                // A status node in the flow may throw; the message must still end.
                this.bridge.log.warn(`a status cannot be shown: ${reasonOf(error)}`);
            }
        }
    }

    waiting() {
        return [...this.messages.values()].filter((message) => message.isWaiting);
    }

    /** If only the newest picture counts, complete the ones that wait, except the last `keep`. */
    skipWaiting({ keep = 0 } = {}) {
        if (this.newestOnly) {
            const waiting = this.waiting();
            waiting.slice(0, waiting.length - keep).forEach((message) => this.end(message));
        }
    }

    transmit(message) {
        const { ready } = this;
        // After a break of the connection, all messages that were not sent are transmitted again.
        const isDue = () => this.ready === ready && message.isWaiting;
        if (Object.keys(ready.inputs).length === 0) {
            this.write(message, {});
        } else {
            this.lookups.add(message, ready.inputs, isDue, (inputs) => this.write(message, inputs));
        }
    }

    /** Send a message to the worker. Never throws: what cannot be sent fails. */
    write(message, inputs) {
        const { admission, connection } = this.bridge;
        let chunks;
        try {
            const needs = this.ready.needs.map((path) => portable(lookUp(message.msg, path)));
            const value = { inputs, wired: wiredOutputs(this.node), needs };
            chunks = encodeInput({ ctx: "input", node: this.handle, msgid: message.msgid, value });
        } catch (error) {
            // Node.js cannot hold more than a few gigabytes in one piece.
            this.fail(message, 413, `The message is too large for the worker: ${reasonOf(error)}`);
            return;
        }
        const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        if (size > connection.limit) {
            this.fail(message, 413, `The message is too large for the worker: ${size} bytes.`);
            return;
        }
        const refusal = admission.grow(message, size);
        if (refusal) {
            this.fail(message, 503, refusal);
            return;
        }
        message.markSent();
        connection.send(chunks);
    }

    receiveSend({ msgid, value }) {
        if (msgid === undefined) {
            this.begun(value);
        } else {
            this.forward(this.messages.get(msgid), value);
        }
    }

    /** Send messages that no message caused. */
    begun(outputs) {
        const { log, RED } = this.bridge;
        try {
            // Without an _msgid Node-RED gives each its own.
            this.node.send(editedMessages({}, outputs, RED.util.cloneMessage));
        } catch (error) {
            log.warn(`a message of the worker cannot be sent: ${reasonOf(error)}`);
        }
    }

    /** Send the outputs of a message, and end it. */
    forward(message, outputs) {
        if (message) {
            const unsent = (reason) => failure(400, reason);
            try {
                const { cloneMessage } = this.bridge.RED.util;
                this.end(message, { outputs: editedMessages(message.msg, outputs, cloneMessage), unsent });
            } catch (error) {
                this.end(message, { error: unsent(reasonOf(error)) });
            }
        }
    }

    receiveError({ msgid, value }) {
        if (msgid === undefined) {
            this.node.error(value.message);
            return;
        }
        const message = this.messages.get(msgid);
        if (message) {
            try {
                applyEdits(message.msg, value.edits ?? []);
            } catch (error) {
                this.node.warn(reasonOf(error));
            }
            this.end(message, { error: failure(value.code, value.message) });
        }
    }

    /** Fail a message here, because no worker can. */
    fail(message, code, reason) {
        if (message.hasEnded) {
            return;
        }
        const error = failure(code, reason);
        this.status({ fill: "red", shape: "dot", text: STATUS_CODES[code] });
        const toOutput = tellFailure(this.bridge.RED.util, this.node, message.msg, this.fields, error);
        const unsent = (problem) => {
            this.node.warn(`the message cannot be sent: ${problem}`);
            return error;
        };
        const outputs = [...Array(this.fields.errors).fill(null), message.msg];
        this.end(message, toOutput ? { outputs, unsent } : { error });
    }

    /** End a message, unless it is unknown or has ended already. */
    end(message, end) {
        if (message && !message.hasEnded) {
            this.messages.delete(message.msgid);
            this.bridge.admission.release(message);
            const untold = message.end(end);
            if (untold) {
                this.bridge.log.warn(`the end of a message cannot be told: ${untold}`);
            }
        }
    }

    send(ctx, fields) {
        this.bridge.connection?.send([encode({ ctx, node: this.handle, ...fields })]);
    }
}

module.exports = { Link };
