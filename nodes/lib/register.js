"use strict";

const { readFileSync } = require("node:fs");
const path = require("node:path");
const attach = require("./attach");
const { credentialsOf, editorsFacts, schemaOf, traitsOf } = require("./types");

const SCRIPT = "/plate-recognizer/editor.js";
const RESOURCES = path.join(__dirname, "..", "..", "resources");

// The admin apps that already serve the script: each node type registers, but it is the same for all.
const serving = new WeakSet();

/**
 * Register a node type whose work the worker does.
 *
 * @param {object} RED
 * @param {string} type - as the worker calls it
 */
module.exports = function register(RED, type) {
    const schema = schemaOf(type);
    serveEditor(RED);

    function PlateNode(config) {
        RED.nodes.createNode(this, config);
        attach(RED, this, config, traitsOf(schema, config));
    }

    RED.nodes.registerType(type, PlateNode, { credentials: credentialsOf(schema) });
};

/**
 * Serve what the dialogs are made of, as one script: the editor loads several ones in any order. Like the rest of the
 * editor's code, it holds nothing that is secret.
 */
function serveEditor({ httpAdmin }) {
    if (!httpAdmin || serving.has(httpAdmin)) {
        return;
    }
    serving.add(httpAdmin);
    const files = ["editor.js", "form.js", "list.js"].map((name) => readFileSync(path.join(RESOURCES, name), "utf8"));
    const facts = `window.plateRecognizerFacts = ${JSON.stringify(editorsFacts())};`;
    const script = [facts, papaparse(), ...files].join("\n");
    httpAdmin.get(SCRIPT, (_request, response) => response.type("application/javascript").send(script));
}

/** Return the reader of CSV as a script that makes `window.Papa`, whatever loads modules in the page. */
function papaparse() {
    const source = readFileSync(require.resolve("papaparse/papaparse.min.js"), "utf8");
    return `(function (define, module, exports) {${source}\n}).call(window);`;
}
