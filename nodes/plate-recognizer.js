"use strict";

const attach = require("./lib/attach");

module.exports = function (RED) {
    function PlateRecognizerNode(config) {
        RED.nodes.createNode(this, config);
        attach(RED, this, config);
    }

    RED.nodes.registerType("plate-recognizer", PlateRecognizerNode, {
        credentials: { apiToken: { type: "password" } },
    });
};
