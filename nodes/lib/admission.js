"use strict";

const { sizeOf } = require("./size");

const SWEEP_INTERVAL = 1_000;

/**
 * All messages of the Node-RED process that have not ended, in the order of their arrival: how many there may be, how
 * many bytes they may hold, and how old they may become. The socket's buffer counts as well.
 */
class Admission {
    /**
     * @param {{maxMessages: number, maxBytes: number, maxAge: number}} limits - `maxAge` in seconds
     * @param {object} options
     * @param {() => number} options.unsent - bytes that the connection has not sent yet
     * @param {() => number} [options.now] - milliseconds of a steady clock: on a computer without a battery, the time
     * of day jumps by years when it is set
     */
    constructor(limits, { unsent, now = () => performance.now() }) {
        this.limits = limits;
        this.unsent = unsent;
        this.now = now;
        this.messages = new Set();
        this.bytes = 0;
        this.timer = null;
    }

    get count() {
        return this.messages.size;
    }

    /** Admit a message that has just arrived. Returns why there is no room for it, or an empty text. */
    admit(message) {
        message.arrived = this.now();
        const size = sizeOf(message.msg);
        if (this.count >= this.limits.maxMessages || !this.hasRoomFor(size)) {
            return this.complaint(size);
        }
        this.messages.add(message);
        this.bytes += size;
        message.size = size;
        this.timer ??= setInterval(() => this.sweepSoon(), SWEEP_INTERVAL).unref();
        return "";
    }

    /** Count more bytes for an admitted message if its frame turns out to be larger. Returns the same as `admit`. */
    grow(message, size) {
        const more = size - message.size;
        if (more <= 0) {
            return "";
        }
        if (!this.hasRoomFor(more)) {
            return this.complaint(more);
        }
        this.bytes += more;
        message.size = size;
        return "";
    }

    hasRoomFor(size) {
        // Messages that were given up may still lie in the socket's buffer.
        return Math.max(this.bytes, this.unsent()) + size <= this.limits.maxBytes;
    }

    complaint(size) {
        const held = `${this.count} messages with ${megabytes(this.bytes)} are under way`;
        return (
            `Too many messages for the plate recognizer worker: ${held}, this one has ${megabytes(size)}. ` +
            "Send fewer images, or let the node ignore images during recognition."
        );
    }

    /** A message has ended. */
    release(message) {
        if (this.messages.delete(message)) {
            this.bytes -= message.size;
        }
    }

    /** Sweep once everything that has arrived is read: perhaps the answers are there, and Node-RED was just busy. */
    sweepSoon() {
        if (this.count) {
            setImmediate(() => this.sweep());
        } else {
            clearInterval(this.timer);
            this.timer = null;
        }
    }

    /** End the messages that are too old. */
    sweep() {
        const now = this.now();
        for (const message of [...this.messages]) {
            const age = (now - message.arrived) / 1_000;
            if (age > Math.max(this.limits.maxAge, message.link.patience)) {
                message.link.expire(message, age);
            }
        }
    }
}

function megabytes(size) {
    return `${(size / 2 ** 20).toFixed(1)} MB`;
}

module.exports = { Admission };
