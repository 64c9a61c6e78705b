"use strict";

// A node for measuring: sends an image to the node under test again and again, and takes the results back.

const { monitorEventLoopDelay, performance } = require("node:perf_hooks");

/**
 * Send `count` messages with `flight` of them on their way at once.
 *
 * @param {(msg: object) => void} send
 * @param {(received: (msg: object) => void) => void} listen - is given the function that takes what comes back
 * @returns {Promise<object>} milliseconds: of each message, of all, of CPU time, and of the event loop's delay
 */
function measure({ image, count, flight }, send, listen) {
    return new Promise((resolve, reject) => {
        const begun = new Map();
        const latencies = [];
        const sendNext = () => {
            const index = begun.size;
            begun.set(index, performance.now());
            send({ index, payload: image });
        };
        listen((msg) => {
            latencies.push(performance.now() - begun.get(msg.index));
            if (!Array.isArray(msg.payload?.results)) {
                reject(new Error(`a recognition failed: ${JSON.stringify(msg.payload)?.slice(0, 500)}`));
            } else if (begun.size < count) {
                sendNext();
            } else if (latencies.length === count) {
                const { user, system } = process.cpuUsage(cpu);
                const milliseconds = performance.now() - start;
                delay.disable();
                resolve({ latencies, milliseconds, cpu: (user + system) / 1e3, delay: delay.percentile(99) / 1e6 });
            }
        });
        const delay = monitorEventLoopDelay({ resolution: 1 });
        delay.enable();
        const cpu = process.cpuUsage();
        const start = performance.now();
        for (let index = 0; index < Math.min(flight, count); index++) {
            sendNext();
        }
    });
}

module.exports = function (RED) {
    function Driver(config) {
        RED.nodes.createNode(this, config);
        let received = () => {};
        this.on("input", (msg, _send, done) => {
            received(msg);
            done();
        });
        RED.httpNode.post("/benchmark", async (request, response) => {
            const { size, count, flight, head } = request.body;
            const image = Buffer.alloc(size);
            image.set(Buffer.from(head, "base64"));
            try {
                response.json(
                    await measure(
                        { image, count, flight },
                        (msg) => this.send(msg),
                        (listener) => (received = listener),
                    ),
                );
            } catch (error) {
                response.status(500).send(error.message);
            }
        });
    }

    RED.nodes.registerType("benchmark-driver", Driver);
};
