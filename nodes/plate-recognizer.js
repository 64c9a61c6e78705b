"use strict";

const attach = require("./lib/attach");

module.exports = function (RED) {
    function PlateRecognizerNode(config) {
        RED.nodes.createNode(this, config);
        attach(RED, this, config, {
            pictureField: config.inputField || "payload",
            // On if it is absent, as in flows of version 1.
            newestOnly: [undefined, null, "", true, "true"].includes(config.ignoreDuring),
        });
    }

    RED.nodes.registerType("plate-recognizer", PlateRecognizerNode, {
        credentials: { apiToken: { type: "password" } },
    });
};
