"use strict";

const WebSocket = require("ws");
const { decode, encode } = require("./values");

const PROTOCOL = 1;
const HANDSHAKE_TIMEOUT = 15_000;
const PING_INTERVAL = 20_000;
const CLOSE_TIMEOUT = 2_000;
const WRONG_PROTOCOL = 4001;
const WRONG_FRAME = 4002;
// What a close frame has room for.
const LONGEST_REASON = 123;

/** The worker is of another version than this package. */
class VersionError extends Error {}

/**
 * Connect to a worker and exchange the greetings.
 *
 * @param {object} options
 * @param {string} options.url - ws://, wss:// or ws+unix://
 * @param {string} options.token - the worker's secret
 * @param {boolean} options.remote - whether the other end may vanish without a word
 * @param {object} options.versions - ours, for the worker's log
 * @param {AbortSignal} options.signal - ends the attempt and the connection
 * @param {(frame: object) => void} options.onFrame
 * @returns {Promise<{limit: number, send: (chunks: Buffer[]) => void, close: () => void, closed: Promise<string>}>}
 *     `limit`: bytes that the worker takes in one message; `send` sends one message, the chunks joined; `closed` resolves
 *     with the reason; after `close` no frame arrives.
 */
function connect({ url, token, remote, versions, signal, onFrame }) {
    return new Promise((resolve, reject) => {
        const socket = new WebSocket(url, {
            headers: { Authorization: `Bearer ${token}` },
            perMessageDeflate: false,
            handshakeTimeout: HANDSHAKE_TIMEOUT,
            closeTimeout: CLOSE_TIMEOUT,
            followRedirects: false,
            // A mask protects proxies on the way, and there is none to a private worker; ws skips a mask of zeros.
            ...(remote ? {} : { generateMask: (mask) => mask.fill(0) }),
        });
        const abort = () => socket.terminate();
        signal.addEventListener("abort", abort, { once: true });
        const greeting = setTimeout(() => {
            failure ??= new Error("the worker does not answer the greeting");
            socket.terminate();
        }, HANDSHAKE_TIMEOUT).unref();
        let failure;
        let greeted = false;
        let tellClosed;
        const closed = new Promise((tell) => (tellClosed = tell));

        socket.on("open", () => {
            socket.send(encode({ ctx: "hello", value: { protocol: PROTOCOL, versions } }));
            if (remote) {
                watch(socket);
            }
        });
        socket.on("message", (data) => {
            if (socket.readyState !== WebSocket.OPEN) {
                // What still arrives of a connection that was given up is nobody's any more.
                return;
            }
            try {
                for (const frame of decode(data)) {
                    if (typeof frame?.ctx !== "string") {
                        throw new Error("what the other end sends is no frame of a plate recognizer worker");
                    }
                    if (greeted) {
                        onFrame(frame);
                    } else {
                        checkGreeting(frame);
                        greeted = true;
                        clearTimeout(greeting);
                        resolve({
                            limit: frame.value.limit,
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
                socket.close(code, Buffer.from(error.message).subarray(0, LONGEST_REASON));
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
    if (frame.ctx !== "hello" || !Number.isInteger(frame.value?.protocol)) {
        throw new Error("the other end is not a plate recognizer worker");
    }
    if (frame.value.protocol !== PROTOCOL) {
        throw new VersionError(
            `wrong version: the worker speaks bridge protocol ${frame.value.protocol}, this package ${PROTOCOL}; ` +
                "install the same version of both",
        );
    }
}

function explainStatus(status) {
    if (status === 401 || status === 403) {
        return `the worker refused the connection (${status}): check its token`;
    }
    return `the worker's address answers ${status} instead of opening a websocket`;
}

/** Notice a peer that vanished: without traffic TCP would not tell for hours. */
function watch(socket) {
    let alive = true;
    let unsent = 0;
    const noteLife = () => (alive = true);
    socket.on("pong", noteLife);
    socket.on("message", noteLife);
    const timer = setInterval(() => {
        // Behind large images on a slow line the ping itself has not left yet, but they are getting fewer.
        if (!alive && socket.bufferedAmount >= unsent) {
            socket.terminate();
            return;
        }
        alive = false;
        unsent = socket.bufferedAmount;
        socket.ping();
    }, PING_INTERVAL).unref();
    socket.on("close", () => clearInterval(timer));
}

module.exports = { connect };
