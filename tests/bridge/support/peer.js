"use strict";

const { once } = require("node:events");
const { WebSocketServer } = require("ws");
const { decode, encode } = require("../../../nodes/lib/values");

const TOKEN = "secret-of-the-tests";
const HELLO = {
    ctx: "hello",
    value: { protocol: 2, versions: { worker: "2.0.0", python: "3.11.0" }, limit: 2 ** 20 },
};

const FIELDS = { output: "payload", input: null, errors: 1 };

/** What arrives, to be taken in its order and waited for. */
class Mailbox {
    letters = [];
    takers = [];

    put(letter) {
        const taker = this.takers.shift();
        if (taker) {
            taker(letter);
        } else {
            this.letters.push(letter);
        }
    }

    take() {
        return this.letters.length
            ? Promise.resolve(this.letters.shift())
            : new Promise((resolve) => this.takers.push(resolve));
    }
}

/** The worker's end of the bridge, on a real websocket; the test decides every word that it says. */
class Peer {
    /**
     * Listen on a free port.
     *
     * @param {object} [options]
     * @param {?object} [options.hello] - the answer to each greeting; null keeps silent
     * @param {object} [options.server] - options of the websocket server
     */
    static async listen({ hello = HELLO, server = {} } = {}) {
        const peer = new Peer();
        peer.server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...server });
        await once(peer.server, "listening");
        peer.url = `ws://127.0.0.1:${peer.server.address().port}/`;
        peer.requests = [];
        // Frames of all connections, greetings apart.
        peer.frames = new Mailbox();
        peer.greetings = new Mailbox();
        peer.server.on("connection", (socket, request) => {
            peer.socket = socket;
            peer.requests.push(request);
            socket.on("message", (data) => {
                for (const frame of decode(data)) {
                    if (frame.ctx === "hello") {
                        if (hello) {
                            socket.send(encode(hello));
                        }
                        peer.greetings.put(frame);
                    } else {
                        peer.frames.put(frame);
                    }
                }
            });
        });
        return peer;
    }

    /** Return the next frame; fails when it says something else. */
    async next(ctx) {
        const frame = await this.frames.take();
        if (frame.ctx !== ctx) {
            throw new Error(`${ctx} was expected, not ${JSON.stringify(frame)}`);
        }
        return frame;
    }

    /** Send frames together in one websocket message. */
    send(...frames) {
        this.socket.send(this.bytes(...frames));
    }

    bytes(...frames) {
        return Buffer.concat(frames.map(encode));
    }

    /** Answer `open` with what the node needs. */
    async ready({ needs = [["payload"]], inputs = {}, patience = 0, fields = FIELDS } = {}) {
        const { node, value } = await this.next("open");
        this.send({ ctx: "ready", node, value: { needs, inputs, patience, fields } });
        return { node, value };
    }

    /** Break the connection off. */
    drop() {
        this.socket.terminate();
    }

    async close() {
        for (const socket of this.server.clients) {
            socket.terminate();
        }
        this.server.close();
        await once(this.server, "close");
    }
}

module.exports = { FIELDS, HELLO, Mailbox, Peer, TOKEN };
