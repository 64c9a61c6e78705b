"use strict";

const { applyEdits } = require("./edits");
const { Opaque, encode, encodeInput, lookUp, portable, roughSize } = require("./values");

// What the editor adds to a config, and what says nothing about the node's work.
const EDITOR_ONLY = new Set(["id", "type", "z", "x", "y", "wires", "g", "l", "d", "info", "credentials"]);
const RETRY_INSTALL = 300_000;

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
        this.unavailable = "";
        this.order = Promise.resolve();
        this.retry = null;
    }

    /** Tell the worker of the node; it answers `ready` or `requires`. */
    open() {
        clearTimeout(this.retry);
        this.ready = null;
        this.send("open", {
            value: {
                type: this.node.type,
                id: this.node.id,
                config: this.config,
                credentials: { apiToken: this.node.credentials?.apiToken ?? null },
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
        } else if (this.unavailable) {
            this.fail(message, 503, this.unavailable);
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
        clearTimeout(this.retry);
        this.bridge.forget(this);
        this.send("close", { value: { removed: Boolean(removed) } });
        this.ready = null;
        for (const message of [...this.messages.values()]) {
            this.remove(message);
            message.done();
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
                this.complete(this.messages.get(frame.msgid));
                break;
            case "error":
                this.receiveError(frame);
                break;
            case "ready":
                this.unavailable = "";
                this.ready = frame.value;
                this.status({});
                for (const message of [...this.messages.values()]) {
                    this.transmit(message);
                }
                break;
            case "requires":
                this.installExtra(frame.value);
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

    status(status) {
        this.node.status(status);
    }

    transmit(message) {
        const names = Object.keys(this.ready.inputs);
        if (names.length === 0) {
            this.write(message, {});
            return;
        }
        // Context stores may answer late; the chain keeps the messages in order.
        this.order = this.order.then(async () => {
            const { ready } = this;
            if (ready && this.messages.has(message.msgid)) {
                const inputs = await this.evaluate(ready.inputs, message.msg);
                if (this.ready === ready && this.messages.has(message.msgid)) {
                    this.write(message, inputs);
                }
            }
        });
    }

    /** Look up the typed inputs that only Node-RED can. */
    async evaluate(inputs, msg) {
        const { util } = this.bridge.RED;
        const values = Object.entries(inputs).map(async ([name, { type, value }]) => {
            try {
                const found = await new Promise((resolve, reject) => {
                    util.evaluateNodeProperty(value, type, this.node, msg, (error, result) =>
                        error ? reject(error) : resolve(result),
                    );
                });
                return [name, portable(found)];
            } catch (error) {
                this.node.warn(`${name} cannot be looked up: ${error.message}`);
                return [name, new Opaque("undefined")];
            }
        });
        return Object.fromEntries(await Promise.all(values));
    }

    write(message, inputs) {
        const needs = this.ready.needs.map((path) => portable(lookUp(message.msg, path)));
        const wired = this.node.wires.map((targets) => targets.some((id) => this.exists(id)));
        const chunks = encodeInput({
            ctx: "input",
            node: this.handle,
            msgid: message.msgid,
            value: { inputs, wired, needs },
        });
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

    /** Whether a wire's end is there: a disabled node is in the flow's file, but not in the running flow. */
    exists(id) {
        const flow = this.node._flow;
        return flow?.getNode ? Boolean(flow.getNode(id)) : true;
    }

    forward(message, outputs) {
        if (!message) {
            return;
        }
        try {
            const { util } = this.bridge.RED;
            let first = true;
            const copies = outputs.map((messages) =>
                messages?.map(() => {
                    const copy = first ? message.msg : util.cloneMessage(message.msg);
                    first = false;
                    return copy;
                }),
            );
            outputs.forEach((messages, output) =>
                messages?.forEach((edits, index) => applyEdits(copies[output][index], edits)),
            );
            message.send(copies);
        } catch (error) {
            this.endWithError(message, 400, error.message);
        }
    }

    complete(message) {
        if (message) {
            this.remove(message);
            message.done();
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
                applyEdits(message.msg, value.edits);
            } catch (error) {
                this.node.warn(error.message);
            }
            this.endWithError(message, value.code, value.message);
        }
    }

    /** Fail a message here, because no worker can. */
    fail(message, code, reason) {
        const statusText = code === 413 ? "Payload Too Large" : "Service Unavailable";
        const result = { status: code, statusText, error: { code, message: reason } };
        this.node.status({ fill: "red", shape: "dot", text: statusText });
        try {
            this.bridge.RED.util.setMessageProperty(message.msg, this.outputField, result, true);
        } catch (error) {
            this.node.warn(`msg.${this.outputField} cannot be set: ${error.message}`);
        }
        if (this.node.wires[1]?.some((id) => this.exists(id))) {
            this.remove(message);
            message.send([null, message.msg]);
            message.done();
        } else {
            this.endWithError(message, code, reason);
        }
    }

    endWithError(message, code, reason) {
        this.remove(message);
        message.done(Object.assign(new Error(reason), { code }));
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

    /** Get what the node cannot work without; its messages wait meanwhile. */
    async installExtra({ extra, message: hint }) {
        const { bridge } = this;
        const showProgress = (text) => this.status({ fill: "yellow", shape: "ring", text });
        const running = this.installed === bridge.connection ? null : bridge.install(extra, showProgress);
        showProgress(`installing ${extra}`);
        try {
            if (!running) {
                throw new Error(hint);
            }
            await running;
            // Asked a second time over the same connection, the worker says why an installation was not enough.
            this.installed = bridge.connection;
        } catch (error) {
            this.refuse(error.message.includes(hint) ? hint : `${error.message}. ${hint}`);
            return;
        }
        if (bridge.links.has(this.handle) && bridge.connection) {
            this.open();
        }
    }

    refuse(reason) {
        if (!this.bridge.links.has(this.handle)) {
            return;
        }
        this.unavailable = reason;
        this.node.error(reason);
        this.failWaiting(503, reason);
        this.status({ fill: "red", shape: "ring", text: reason });
        this.retry = setTimeout(() => {
            this.installed = null;
            if (this.bridge.connection) {
                this.open();
            }
        }, RETRY_INSTALL).unref();
    }

    send(ctx, fields) {
        this.bridge.connection?.send([encode({ ctx, node: this.handle, ...fields })]);
    }
}

module.exports = { Link };
