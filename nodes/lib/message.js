"use strict";

const { reasonOf } = require("./failures");

const WAITING = "waiting";
const SENT = "sent";
const ENDED = "ended";

/**
 * One message on its way through a node: waiting, then sent to the worker, then ended. It can end in every state, and
 * it ends exactly once.
 */
class Message {
    /**
     * @param {import("./link").Link} link - of the node that it came to
     * @param {number} msgid - handle, unique in the process
     * @param {object} msg - as it came, until its end edits it
     * @param {(outputs: Array) => void} send - Node-RED's, for this message
     * @param {(error?: Error) => void} done - Node-RED's, for this message
     */
    constructor(link, msgid, msg, send, done) {
        this.link = link;
        this.msgid = msgid;
        this.msg = msg;
        this.send = send;
        this.done = done;
        this.state = WAITING;
        // Set when it is admitted: milliseconds of a steady clock, and bytes.
        this.arrived = 0;
        this.size = 0;
        // Called at the end of the message, to end what waits for something else.
        this.onEnd = null;
    }

    get isWaiting() {
        return this.state === WAITING;
    }

    get isSent() {
        return this.state === SENT;
    }

    get hasEnded() {
        return this.state === ENDED;
    }

    /** The worker has it from now on. */
    markSent() {
        this.state = SENT;
    }

    /**
     * End: send what the message became, then report that it is done. Never throws, whatever the message and the nodes
     * behind the wires do.
     *
     * @param {object} [end]
     * @param {Array} [end.outputs] - what to send, nothing when absent
     * @param {Error} [end.error] - what Catch nodes get
     * @param {(reason: string) => Error} [end.unsent] - makes the error of a message that cannot be sent
     * @returns {string} what could not be reported to Node-RED, or an empty text
     */
    end({ outputs, error, unsent } = {}) {
        // Before anything else: a node behind the wires may close this one while it gets the message.
        this.state = ENDED;
        this.onEnd?.();
        let problem = error;
        if (outputs) {
            try {
                this.send(outputs);
            } catch (thrown) {
                problem = unsent(reasonOf(thrown));
            }
        }
        try {
            this.done(problem);
        } catch (thrown) {
            // Catch and Complete nodes get a clone of the message, and not every message can be cloned.
            return reasonOf(thrown);
        }
        return "";
    }
}

module.exports = { Message };
