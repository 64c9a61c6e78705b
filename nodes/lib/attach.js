"use strict";

const { Bridge } = require("./bridge");
const { readLimits } = require("./limits");
const { logger, workerSource } = require("./source");

// One bridge for all nodes of the Node-RED process, and so one worker.
let bridge;

/**
 * Connect a node in a flow with the worker that does its work.
 *
 * @param {object} RED
 * @param {object} node
 * @param {object} config - as deployed
 * @param {object} traits - what Node-RED's side must know about the node's work, see `Link`
 */
module.exports = function attach(RED, node, config, traits) {
    bridge ??= new Bridge(RED, workerSource(RED), readLimits(RED.settings.plateRecognizer, logger(RED)));
    const link = bridge.open(node, config, traits);
    node.on("input", (msg, send, done) => link.input(msg, send, done));
    node.on("close", (removed, done) => {
        link.close(removed);
        done();
    });
};
