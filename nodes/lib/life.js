"use strict";

// A worker can be silent for two reasons: it hangs, or the line to it is dead, which TCP would not notice for hours. A
// worker that is only busy answers pings between two pieces of its work.

const LIFE_SIGNS = { interval: 5_000, misses: 6 };

/**
 * Watch a connection until it closes, and report when the other end shows no more signs of life.
 *
 * Any byte that arrives is a sign, because the answer to a ping may wait behind a large frame. A send buffer that gets
 * smaller is one, too, because the ping may wait behind images. Rounds without a sign are counted, not time: after
 * Node-RED was busy, or its computer asleep, one round has passed, however long it took.
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
        // Measured before the ping is in it: it is no sign of life that the system takes a ping.
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
