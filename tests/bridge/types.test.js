"use strict";

// What Node-RED's side takes from the node types' schemas.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { credentialsOf, editorsFacts, schemaOf, traitsOf } = require("../../nodes/lib/types");
const { "node-red": declared } = require("../../package.json");

const SECRETS = { apiToken: { type: "password" } };

test("each declared node type has a schema, and each schema is declared", () => {
    assert.deepEqual(Object.keys(editorsFacts().types).sort(), Object.keys(declared.nodes).sort());
});

test("credentials are the schema's secrets, and in no flow", () => {
    assert.deepEqual(credentialsOf(schemaOf("plate-recognizer")), SECRETS);
});

test("what failures need is known before the worker is there, with the defaults for what is empty", () => {
    const schema = schemaOf("plate-recognizer");
    assert.deepEqual(traitsOf(schema, {}), {
        fields: { output: "payload", input: "payload", errors: 1 },
        newestOnly: true,
    });
    const config = { inputField: "image", outputField: "", ignoreDuring: false };
    assert.deepEqual(traitsOf(schema, config), {
        fields: { output: "payload", input: "image", errors: 1 },
        newestOnly: false,
    });
    assert.deepEqual(traitsOf(schemaOf("plate-statistics"), { outputField: "calls" }), {
        fields: { output: "calls", input: null, errors: 1 },
        newestOnly: false,
    });
});
