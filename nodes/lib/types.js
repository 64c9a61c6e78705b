"use strict";

// What the worker's `config.json` of a node type says, as far as Node-RED's side needs it; its keywords are described in
// `python_worker/nodes/schema.py`.

const { readFileSync, readdirSync } = require("node:fs");
const path = require("node:path");

const WORKER = path.join(__dirname, "..", "..", "python_worker");
const NODES = path.join(WORKER, "nodes");

function readJson(...names) {
    return JSON.parse(readFileSync(path.join(...names), "utf8"));
}

function typeNames() {
    return readdirSync(NODES, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
        .map((entry) => entry.name.replaceAll("_", "-"));
}

/** Return the schema of a node type's config. */
function schemaOf(type) {
    return readJson(NODES, type.replaceAll("-", "_"), "config.json");
}

/** Return what the editor needs to know: the schemas of all node types, and the services. */
function editorsFacts() {
    return {
        types: Object.fromEntries(typeNames().map((type) => [type, schemaOf(type)])),
        services: readJson(WORKER, "services", "services.json").services,
    };
}

/** Return the credentials of a node type, in the form of `RED.nodes.registerType`. */
function credentialsOf({ properties }) {
    return Object.fromEntries(
        Object.entries(properties)
            .filter(([, spec]) => spec.$ref?.endsWith("/secret"))
            .map(([name]) => [name, { type: "password" }]),
    );
}

/**
 * Return what Node-RED's side must know of a node before its worker is ready.
 *
 * @param {object} schema - of its type
 * @param {object} config - as deployed
 * @returns {{fields: {output: string, input: ?string, errors: number}, newestOnly: boolean}}
 */
function traitsOf({ properties, errors }, config) {
    const valueWith = (role) => {
        const found = Object.entries(properties).find(([, spec]) => spec.role === role);
        if (!found) {
            return null;
        }
        const [name, spec] = found;
        return [undefined, null, ""].includes(config[name]) ? spec.default : config[name];
    };
    return {
        fields: { output: valueWith("output") ?? "payload", input: valueWith("input"), errors },
        newestOnly: [true, "true"].includes(valueWith("newestOnly")),
    };
}

module.exports = { credentialsOf, editorsFacts, schemaOf, traitsOf };
