"use strict";

const { portable } = require("./values");

// Properties that the editor adds to a config; they say nothing about the node's work.
const EDITOR_ONLY = new Set(["id", "type", "z", "x", "y", "wires", "g", "l", "d", "info", "credentials"]);

/** Return the part of a node's config that the worker gets. Lists travel as their JSON. */
function workersConfig(config) {
    return Object.fromEntries(
        Object.entries(config)
            .filter(([key]) => !EDITOR_ONLY.has(key) && !key.startsWith("_"))
            // The worker bounds the values of a frame, and a list may be long.
            .map(([key, value]) => [key, Array.isArray(value) ? JSON.stringify(value) : portable(value)]),
    );
}

/** Return the credentials that the worker gets: each is a text or null. */
function workersCredentials(credentials) {
    return Object.fromEntries(
        Object.entries(credentials ?? {}).map(([key, value]) => [key, typeof value === "string" ? value : null]),
    );
}

module.exports = { workersConfig, workersCredentials };
