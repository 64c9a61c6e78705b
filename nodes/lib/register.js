"use strict";

const attach = require("./attach");
const { credentialsOf, editorsFacts, schemaOf, traitsOf } = require("./types");

const FACTS = "/plate-recognizer/types.js";

// The admin apps that already serve the facts: each node type registers, but they are the same for all.
const serving = new WeakSet();

/**
 * Register a node type whose work the worker does.
 *
 * @param {object} RED
 * @param {string} type - as the worker calls it
 */
module.exports = function register(RED, type) {
    const schema = schemaOf(type);
    serveFacts(RED);

    function PlateNode(config) {
        RED.nodes.createNode(this, config);
        attach(RED, this, config, traitsOf(schema, config));
    }

    RED.nodes.registerType(type, PlateNode, { credentials: credentialsOf(schema) });
};

/** Serve what the dialogs are made of; like the rest of the editor's code, it holds nothing that is secret. */
function serveFacts({ httpAdmin }) {
    if (!httpAdmin || serving.has(httpAdmin)) {
        return;
    }
    serving.add(httpAdmin);
    httpAdmin.get(FACTS, (_request, response) => {
        response
            .type("application/javascript")
            .send(`window.plateRecognizerFacts = ${JSON.stringify(editorsFacts())};`);
    });
}
