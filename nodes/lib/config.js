"use strict";

const { portable } = require("./values");

// What the editor adds to a config, and what says nothing about the node's work.
const EDITOR_ONLY = new Set(["id", "type", "z", "x", "y", "wires", "g", "l", "d", "info", "credentials"]);

/** Return what the worker gets of a node's config. */
function workersConfig(config) {
    return Object.fromEntries(
        Object.entries(config)
            .filter(([key]) => !EDITOR_ONLY.has(key) && !key.startsWith("_"))
            .map(([key, value]) => [key, portable(value)]),
    );
}

module.exports = { workersConfig };
