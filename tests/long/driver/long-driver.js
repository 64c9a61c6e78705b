"use strict";

// Load for the fault runs: hands messages to a node of the flow and keeps, through Node-RED's own hooks, all that the
// node does with each. Hooks see every send and every end, also those that come while the flow is being replaced.

const WORDS = 200;

/** Messages that were handed to one node. */
class Load {
    /**
     * @param {object} RED
     * @param {object} plan
     * @param {string} plan.target - id of the node
     * @param {{kind: string, camera: string, payload: string | null, size: number}[]} plan.mix - messages, in turn;
     *     payload is base64, padded to `size` bytes
     * @param {number} plan.every - milliseconds from one message to the next
     * @param {number} plan.flight - how many may be unfinished at once
     * @param {number | null} plan.count - how many to send; null: until `stop`
     */
    constructor(RED, plan) {
        this.RED = RED;
        this.plan = plan;
        this.pictures = plan.mix.map(({ payload }) => (payload === null ? null : Buffer.from(payload, "base64")));
        this.records = [];
        this.unfinished = 0;
        this.sending = true;
        this.waiting = new Set();
        this.timer = setInterval(() => this.tick(), Math.max(plan.every, 1));
    }

    tick() {
        // Timers of Node.js go no faster than a millisecond.
        for (let index = 0; index < (this.plan.every ? 1 : this.plan.flight); index++) {
            this.sendOne();
        }
    }

    sendOne() {
        const { target, flight, count, mix } = this.plan;
        if (!this.sending || this.unfinished >= flight) {
            return;
        }
        if (this.records.length === count) {
            this.stop();
            return;
        }
        const node = this.RED.nodes.getNode(target);
        // While flows are replaced there is no node, or one that Node-RED has taken the input from.
        if (!node?._inputCallback) {
            return;
        }
        const index = this.records.length % mix.length;
        const { kind, camera, size } = mix[index];
        const record = { kind, sent: Date.now(), ended: null, ends: 0, sends: [], code: null, words: "" };
        this.records.push(record);
        this.unfinished++;
        const msg = { camera, payload: picture(this.pictures[index], size) };
        owners.set(msg, [this, record]);
        node.receive(msg);
    }

    /** A message left the node. */
    noteSend(record, port, payload) {
        record.sends.push([port, payload?.status ?? null]);
        if (port !== 0) {
            record.words = words(payload?.error?.message ?? "");
        }
    }

    /** A message ended. */
    noteEnd(record, error) {
        record.ends++;
        if (record.ends > 1) {
            return;
        }
        record.ended = Date.now();
        if (error) {
            record.code = Number.isInteger(error.code) ? error.code : 0;
            record.words = words(error.message ?? error);
        }
        this.unfinished--;
        this.look();
    }

    stop() {
        this.sending = false;
        clearInterval(this.timer);
        this.look();
    }

    /** Resolve once `find` returns something true. */
    until(find) {
        return new Promise((resolve) => {
            this.waiting.add({ find, resolve });
            this.look();
        });
    }

    look() {
        for (const each of this.waiting) {
            const found = each.find();
            if (found) {
                this.waiting.delete(each);
                each.resolve(found);
            }
        }
    }
}

/**
 * Whose message it is; the message itself tells nothing, so the node sees one like any other.
 *
 * @type {WeakMap<object, [Load, object]>}
 */
const owners = new WeakMap();

// The same failure of many messages is kept once: these records must not be what a long run measures.
const known = new Map();

function words(text) {
    const short = String(text).slice(0, WORDS);
    if (!known.has(short)) {
        known.set(short, short);
    }
    return known.get(short);
}

function picture(bytes, size) {
    if (bytes === null || bytes.length >= size) {
        return bytes && Buffer.from(bytes);
    }
    const padded = Buffer.alloc(size);
    padded.set(bytes);
    return padded;
}

module.exports = function (RED) {
    const loads = [];

    RED.hooks.add("onSend.long", (events) => {
        for (const { msg, source } of events) {
            const [load, record] = owners.get(msg) ?? [];
            if (load?.plan.target === source.id) {
                load.noteSend(record, source.port, msg.payload);
            }
        }
    });
    RED.hooks.add("onComplete.long", ({ msg, node, error }) => {
        const [load, record] = owners.get(msg) ?? [];
        if (load?.plan.target === node.id) {
            load.noteEnd(record, error);
        }
    });

    const answer = (path, act) =>
        RED.httpAdmin.post(`/long/${path}`, async (request, response) => {
            try {
                response.json((await act(request.body, loads[request.body.load])) ?? {});
            } catch (error) {
                response.status(500).send(error.stack);
            }
        });
    answer("start", (plan) => ({ load: loads.push(new Load(RED, plan)) - 1 }));
    answer("stop", (_body, load) => load.stop());
    answer("records", ({ from }, load) => ({ records: load.records.slice(from) }));
    answer("settled", (_body, load) => load.until(() => !load.sending && load.unfinished === 0));
    // When the first result came of a message that was sent after some moment.
    answer("recovered", async ({ after }, load) => {
        const isOne = ({ sent, ended, sends }) => sent > after && ended !== null && sends[0]?.[0] === 0;
        const index = load.records.findIndex(({ sent }) => sent > after);
        const begin = index < 0 ? load.records.length : index;
        const found = await load.until(() => load.records.slice(begin).find(isOne));
        return { ended: found.ended };
    });
    // After so many messages have ended.
    answer("reached", (body, load) => load.until(() => load.records.length - load.unfinished >= body.count));

    function Driver(config) {
        RED.nodes.createNode(this, config);
        // Takes what the node under test sends; the hooks have noted it by then.
        this.on("input", (_msg, _send, done) => done());
    }

    RED.nodes.registerType("long-driver", Driver);
};
