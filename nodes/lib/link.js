"use strict";

const { applyEdits, editedMessages } = require("./edits");
const { Extras } = require("./extras");
const { Greeting } = require("./greeting");
const { evaluateInputs } = require("./inputs");
const { encode, encodeInput, lookUp, portable, roughSize } = require("./values");
const { wiredOutputs } = require("./wires");

// What the editor adds to a config, and what says nothing about the node's work.
const EDITOR_ONLY = new Set(["id", "type", "z", "x", "y", "wires", "g", "l", "d", "info", "credentials"]);

/** One open node: its messages on their way to the worker and back. */
class Link {
    constructor(bridge, handle, node, config) {
        this.bridge = bridge;
        this.handle = handle;
        this.node = node;
        this.config = Object.fromEntries(
            Object.entries(config)
                .filter(([key]) => !EDITOR_ONLY.has(key) && !key.startsWith("_"))
                .map(([key, value]) => [key, portable(value)]),
        );
        this.outputField = config.outputField || "payload";
        // Every message between its arrival and its one end, in the order of arrival.
        this.messages = new Map();
        this.ready = null;
        this.extras = new Extras(this);
        this.greeting = new Greeting((status) => this.status(status));
        this.order = Promise.resolve();
    }

    /** Tell the worker of the node; it answers `ready` or `requires`. */
    open() {
        this.extras.cancel();
        this.ready = null;
        this.send("open", {
            value: {
                type: this.node.type,
                id: this.node.id,
                config: this.config,
                credentials: { apiToken: portable(this.node.credentials?.apiToken ?? null) },
            },
        });
    }

    /** Take a message from the flow. */
    input(msg, send, done) {
        const message = { msgid: this.bridge.nextHandle(), msg, send, done, sent: false, waits: 0 };
        this.messages.set(message.msgid, message);
        const { bridge } = this;
        if (this.ready) {
            this.transmit(message);
        } else if (bridge.state === "down") {
            this.fail(message, 503, `The plate recognizer worker is unavailable: ${bridge.reason}.`);
        } else if (this.extras.missing) {
            this.fail(message, 503, this.extras.missing);
        } else {
            message.waits = roughSize(msg);
            if (!bridge.hasRoomFor(message.waits)) {
                message.waits = 0;
                this.fail(message, 503, "Too many messages wait for the plate recognizer worker, which is starting.");
                return;
            }
            bridge.waiting.count++;
            bridge.waiting.bytes += message.waits;
            message.waiting = true;
        }
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

    /** Act on a frame from the worker. */
    receive(frame) {
        switch (frame.ctx) {
            case "status":
                this.status(frame.value);
                break;
            case "send":
                this.forward(this.messages.get(frame.msgid), frame.value);
                break;
            case "done":
                if (this.messages.has(frame.msgid)) {
                    this.end(this.messages.get(frame.msgid));
                }
                break;
            case "error":
                this.receiveError(frame);
                break;
            case "ready":
                this.extras.missing = "";
                this.ready = frame.value;
                this.greeting.ready();
                for (const message of [...this.messages.values()]) {
                    this.transmit(message);
                }
                break;
            case "requires":
                this.extras.get(frame.value);
                break;
            case "log":
            case "warn":
                this.node[frame.ctx](frame.value);
                break;
            default:
                this.bridge.log.warn(`the worker sent an unknown frame: ${frame.ctx}`);
        }
    }

    /** The connection broke: what the worker had is lost, what had not been sent yet goes on waiting. */
    lost(reason) {
        this.ready = null;
        for (const message of [...this.messages.values()].filter((each) => each.sent)) {
            this.fail(message, 503, reason);
        }
    }

    failWaiting(code, reason) {
        for (const message of [...this.messages.values()]) {
            this.fail(message, code, reason);
        }
    }

    /** Show a status, unless the node is closed: an installation that it began may still report. */
    status(status) {
        this.greeting.cancel();
        if (this.bridge.links.has(this.handle)) {
            this.node.status(status);
        }
    }

    transmit(message) {
        const { ready } = this;
        if (Object.keys(ready.inputs).length === 0) {
            this.write(message, {});
            return;
        }
        // When the connection breaks, all messages that were not sent are transmitted anew; the node may also close.
        const isDue = () => this.ready === ready && this.messages.has(message.msgid);
        // Context stores may answer late; the chain keeps the messages in order.
        this.order = this.order.then(async () => {
            if (isDue()) {
                const inputs = await evaluateInputs(this.bridge.RED.util, this.node, ready.inputs, message.msg);
                if (isDue()) {
                    this.write(message, inputs);
                }
            }
        });
    }

    write(message, inputs) {
        const needs = this.ready.needs.map((path) => portable(lookUp(message.msg, path)));
        const value = { inputs, wired: wiredOutputs(this.node), needs };
        let chunks;
        try {
            chunks = encodeInput({ ctx: "input", node: this.handle, msgid: message.msgid, value });
        } catch (error) {
            // Node.js has no room for more than some gigabytes in one piece.
            this.fail(message, 413, `The message is too large for the worker: ${error.message}`);
            return;
        }
        const { connection } = this.bridge;
        const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        if (size > connection.limit) {
            this.fail(message, 413, `The message is too large for the worker: ${size} bytes.`);
            return;
        }
        message.sent = true;
        this.stopWaiting(message);
        connection.send(chunks);
    }

    /** Send what a message becomes, and end it. */
    forward(message, outputs) {
        if (!message) {
            return;
        }
        let problem;
        try {
            message.send(editedMessages(message.msg, outputs, this.bridge.RED.util.cloneMessage));
        } catch (error) {
            problem = failure(400, error.message);
        }
        this.end(message, problem);
    }

    receiveError({ msgid, value }) {
        if (msgid === undefined) {
            this.node.error(value.message);
            return;
        }
        const message = this.messages.get(msgid);
        if (message) {
            try {
                applyEdits(message.msg, value.edits);
            } catch (error) {
                this.node.warn(error.message);
            }
            this.end(message, failure(value.code, value.message));
        }
    }

    /** Fail a message here, because no worker can. */
    fail(message, code, reason) {
        const statusText = code === 413 ? "Payload Too Large" : "Service Unavailable";
        const result = { status: code, statusText, error: { code, message: reason } };
        this.status({ fill: "red", shape: "dot", text: statusText });
        try {
            this.bridge.RED.util.setMessageProperty(message.msg, this.outputField, result, true);
        } catch (error) {
            this.node.warn(`msg.${this.outputField} cannot be set: ${error.message}`);
        }
        if (wiredOutputs(this.node)[1]) {
            try {
                this.remove(message);
                message.send([null, message.msg]);
                this.end(message);
                return;
            } catch (error) {
                this.node.warn(`the message cannot be sent: ${error.message}`);
            }
        }
        this.end(message, failure(code, reason));
    }

    /** Give a message its one end. */
    end(message, error) {
        this.remove(message);
        try {
            message.done(error);
        } catch (problem) {
            // Catch and Complete nodes get a clone of the message, and not every message can be cloned.
            this.bridge.log.warn(`the end of a message cannot be told: ${problem.message}`);
        }
    }

    remove(message) {
        this.stopWaiting(message);
        this.messages.delete(message.msgid);
    }

    stopWaiting(message) {
        if (message.waiting) {
            message.waiting = false;
            this.bridge.waiting.count--;
            this.bridge.waiting.bytes -= message.waits;
        }
    }

    send(ctx, fields) {
        this.bridge.connection?.send([encode({ ctx, node: this.handle, ...fields })]);
    }
}

function failure(code, reason) {
    return Object.assign(new Error(reason), { code });
}

module.exports = { Link };
