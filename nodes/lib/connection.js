"use strict";

const WebSocket = require("ws");
const { complaint } = require("./frames");
const { LIFE_SIGNS, watch } = require("./life");
const { decode, encode } = require("./values");
const { name, version } = require("../../package.json");

const PROTOCOL = 2;
const HANDSHAKE_TIMEOUT = 15_000;
const CLOSE_TIMEOUT = 2_000;
const WRONG_PROTOCOL = 4001;
const WRONG_FRAME = 4002;
// The bytes that a close frame has room for.
const LONGEST_REASON = 123;

/** The worker is of another version than this package. */
class VersionError extends Error {}

/**
 * Connect to a worker and exchange the greetings.
 *
 * @param {object} options
 * @param {string} options.url - ws://, wss:// or ws+unix://
 * @param {string} options.token - the worker's secret
 * @param {boolean} options.remote - whether there may be proxies on the way
 * @param {object} options.versions - ours, for the worker's log
 * @param {AbortSignal} options.signal - ends the attempt and the connection
 * @param {(frame: object) => void} options.onFrame - takes frames of the right form; must not throw
 * @param {{interval: number, misses: number}} [options.lifeSigns] - how often to look for them, see `watch`
 * @returns {Promise<{limit: number, unsent: number, send: (chunks: Buffer[]) => void, close: () => void,
 *     closed: Promise<string>}>}
 *     `limit`: bytes that the worker takes in one message; `unsent`: bytes that wait to leave; `send` sends one message,
 *     the chunks joined; `closed` resolves with the reason; after `close` no frame arrives.
 */
function connect({ url, token, remote, versions, signal, onFrame, lifeSigns = LIFE_SIGNS }) {
    return new Promise((resolve, reject) => {
        const socket = new WebSocket(url, {
            headers: { Authorization: `Bearer ${token}` },
            perMessageDeflate: false,
            handshakeTimeout: HANDSHAKE_TIMEOUT,
            closeTimeout: CLOSE_TIMEOUT,
            followRedirects: false,
            // A mask protects proxies on the way, and a private worker has none. ws skips a mask of zeros: with 300 KB
            // that leaves 0.13 of Node-RED's processor time, and 0.55 of the message's (docs/benchmarks.md).
            ...(remote ? {} : { generateMask: (mask) => mask.fill(0) }),
        });
        const abort = () => socket.terminate();
        signal.addEventListener("abort", abort, { once: true });
        const greeting = setTimeout(() => {
            failure ??= new Error("the worker does not answer the greeting");
            socket.terminate();
        }, HANDSHAKE_TIMEOUT).unref();
        let failure;
        let stream;
        let greeted = false;
        let tellClosed;
        const closed = new Promise((tell) => (tellClosed = tell));

        socket.on("upgrade", (response) => (stream = response.socket));
        socket.on("open", () => {
            socket.send(encode({ ctx: "hello", value: { protocol: PROTOCOL, versions } }));
            const onSilence = () => {
                failure ??= new Error("the worker gives no sign of life any more");
                socket.terminate();
            };
            watch(socket, stream, { ...lifeSigns, onSilence });
        });
        socket.on("message", (data) => {
            try {
                for (const frame of decode(data)) {
                    if (socket.readyState !== WebSocket.OPEN) {
                        // Ignore what still arrives on a connection that was given up.
                        return;
                    }
                    const wrong = complaint(frame);
                    if (wrong) {
                        throw new Error(wrong);
                    }
                    if (greeted) {
                        onFrame(frame);
                    } else {
                        checkGreeting(frame);
                        greeted = true;
                        clearTimeout(greeting);
                        resolve({
                            limit: frame.value.limit,
                            get unsent() {
                                return socket.bufferedAmount;
                            },
                            send: (chunks) =>
                                chunks.forEach((chunk, index) =>
                                    socket.send(chunk, { fin: index === chunks.length - 1 }),
                                ),
                            close: () => socket.terminate(),
                            closed,
                        });
                    }
                }
            } catch (error) {
                failure ??= error;
                const code = error instanceof VersionError ? WRONG_PROTOCOL : WRONG_FRAME;
                socket.close(code, closeReason(error.message));
            }
        });
        socket.on("unexpected-response", (_request, response) => {
            failure = new Error(explainStatus(response.statusCode));
            response.destroy();
            socket.terminate();
        });
        socket.on("error", (error) => (failure ??= error));
        socket.on("close", (code, reason) => {
            clearTimeout(greeting);
            signal.removeEventListener("abort", abort);
            const why = failure?.message || String(reason) || `the connection was closed (${code})`;
            tellClosed(why);
            reject(new Error(code === WRONG_PROTOCOL ? `wrong version: ${why}` : why));
        });
    });
}

function checkGreeting(frame) {
    if (frame.ctx !== "hello") {
        throw new Error("the other end is not a plate recognizer worker");
    }
    if (frame.value.protocol !== PROTOCOL) {
        throw new VersionError(
            `wrong version: the worker speaks bridge protocol ${frame.value.protocol}, this package ${PROTOCOL}: ` +
                advice(frame.value),
        );
    }
}

/** What to install, when one end is older than the other. */
function advice({ protocol, versions }) {
    if (protocol < PROTOCOL) {
        return `install version ${version} of the worker`;
    }
    const newer = typeof versions?.worker === "string" ? versions.worker : "the same version";
    return `update ${name} in Node-RED to ${newer}`;
}

function explainStatus(status) {
    if (status === 401 || status === 403) {
        return `the worker refused the connection (${status}): check its token`;
    }
    return `the worker's address answers ${status} instead of opening a websocket`;
}

/** Cut a text between two characters, to the bytes that a close frame has room for. */
function closeReason(text) {
    return new TextDecoder().decode(Buffer.from(text).subarray(0, LONGEST_REASON), { stream: true });
}

module.exports = { connect };
