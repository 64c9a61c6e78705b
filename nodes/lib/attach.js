"use strict";

const { Bridge } = require("./bridge");
const { workerSource } = require("./source");

// One bridge for all nodes of the Node-RED process, and so one worker.
let bridge;

/** Connect a node in a flow with the worker that does its work. */
module.exports = function attach(RED, node, config) {
    bridge ??= new Bridge(RED, workerSource(RED));
    const link = bridge.open(node, config);
    node.on("input", (msg, send, done) => link.input(msg, send, done));
    node.on("close", (removed, done) => {
        link.close(removed);
        done();
    });
};
