"use strict";

const attach = require("./lib/attach");

module.exports = function (RED) {
    function PlateStatisticsNode(config) {
        RED.nodes.createNode(this, config);
        attach(RED, this, config);
    }

    RED.nodes.registerType("plate-statistics", PlateStatisticsNode, {
        credentials: { apiToken: { type: "password" } },
    });
};
