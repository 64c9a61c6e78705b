"use strict";

// Two workers can be silent: one that hangs, and one behind a line that broke without a word, which TCP would not tell
// for hours. One that is merely busy answers pings between two pieces of its work.

const LIFE_SIGNS = { interval: 5_000, misses: 6 };

/**
 * Watch a connection until it closes, and tell when the other end gives no sign of life any more.
 *
 * Any byte that arrives is a sign, since the answer to a ping may wait behind a large frame, and so is a send buffer that
 * gets smaller: the ping may wait behind images. Rounds without a sign are counted, not time: after Node-RED was busy,
 * or its computer asleep, one round has passed, however long it took.
 *
 * @param {import("ws").WebSocket} socket - open
 * @param {import("node:net").Socket} stream - below it
 * @param {object} options
 * @param {number} options.interval - milliseconds of a round
 * @param {number} options.misses - rounds in a row without a sign after which the other end counts as lifeless
 * @param {() => void} options.onSilence
 */
function watch(socket, stream, { interval, misses, onSilence }) {
    let received = stream.bytesRead;
    let unsent = 0;
    let missed = 0;
    const timer = setInterval(() => {
        const isAlive = stream.bytesRead !== received || socket.bufferedAmount < unsent;
        received = stream.bytesRead;
        // Before the ping is in it: that the system takes a ping is no sign.
        unsent = socket.bufferedAmount;
        missed = isAlive ? 0 : missed + 1;
        if (missed === misses) {
            onSilence();
        } else {
            socket.ping();
        }
    }, interval).unref();
    socket.on("close", () => clearInterval(timer));
}

module.exports = { LIFE_SIGNS, watch };
