"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { workersConfig } = require("../../nodes/lib/config");

test("a list in a config travels as its JSON, because the worker bounds the values of a frame", () => {
    const entries = Array.from({ length: 20_000 }, (_, number) => ({ plate: `AB ${number}` }));
    assert.deepEqual(workersConfig({ limit: "exact", entries }), { limit: "exact", entries: JSON.stringify(entries) });
});

test("what the editor adds to a config does not travel", () => {
    const config = { id: "f1", type: "plate-list", z: "tab", x: 1, y: 2, wires: [[]], _alias: "f0", name: "gate" };
    assert.deepEqual(workersConfig(config), { name: "gate" });
});
