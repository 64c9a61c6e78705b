"use strict";

// A node for measuring: sends images to the node under test, some at a time, and takes their results back.

const { monitorEventLoopDelay, performance } = require("node:perf_hooks");

module.exports = function (RED) {
    function Driver(config) {
        RED.nodes.createNode(this, config);
        let run = null;

        this.on("input", (msg, _send, done) => {
            run?.received(msg);
            done();
        });

        RED.httpNode.post("/bench", (request, response) => {
            const { size, count, flight, head } = request.body;
            const image = Buffer.alloc(size);
            image.set(Buffer.from(head, "base64"));
            const begun = new Map();
            const latencies = [];
            let sent = 0;
            const delay = monitorEventLoopDelay({ resolution: 1 });
            const sendNext = () => {
                const bench = sent++;
                begun.set(bench, performance.now());
                this.send({ bench, payload: image });
            };
            run = {
                received: (msg) => {
                    latencies.push(performance.now() - begun.get(msg.bench));
                    if (!Array.isArray(msg.payload?.results)) {
                        run = null;
                        response.json({ error: msg.payload });
                    } else if (sent < count) {
                        sendNext();
                    } else if (latencies.length === count) {
                        const { user, system } = process.cpuUsage(cpu);
                        delay.disable();
                        run = null;
                        response.json({
                            latencies,
                            milliseconds: performance.now() - start,
                            cpu: (user + system) / 1000,
                            delay: delay.percentile(99) / 1e6,
                            pid: process.pid,
                        });
                    }
                },
            };
            delay.enable();
            const cpu = process.cpuUsage();
            const start = performance.now();
            for (let index = 0; index < Math.min(flight, count); index++) {
                sendNext();
            }
        });
    }

    RED.nodes.registerType("bench-driver", Driver);
};
