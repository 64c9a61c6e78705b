"use strict";

// Which Python is chosen. The interpreters are scripts that answer like a Python of that version.

const assert = require("node:assert/strict");
const fs = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { findPython } = require("../../nodes/lib/python");

async function programs(t, versions) {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "pythons-"));
    t.after(() => fs.rm(folder, { recursive: true }));
    const commands = [];
    for (const [minor, installs = true] of versions) {
        const file = path.join(folder, `python3.${minor}`);
        const answer = JSON.stringify({ version: [3, minor, 1], executable: file, installs });
        await fs.writeFile(file, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
        commands.push([file]);
    }
    return commands;
}

const options = { skip: process.platform === "win32" };

test("the newest Python of those tested is taken, wherever it is found", options, async (t) => {
    const found = await findPython(await programs(t, [[11], [15], [14], [9], [12]]));
    assert.deepEqual(found.version, [3, 14, 1]);
});

test("a Python that is newer than those tested is taken only where there is no other", options, async (t) => {
    const commands = await programs(t, [[9], [16], [15]]);
    assert.deepEqual((await findPython(commands)).version, [3, 15, 1]);
});

test("a Python without venv is skipped where another one works", options, async (t) => {
    const found = await findPython(await programs(t, [[13, false], [11]]));
    assert.deepEqual(found.version, [3, 11, 1]);
});

test("a Python without venv alone says what to install", options, async (t) => {
    const commands = await programs(t, [[9], [13, false]]);
    await assert.rejects(findPython(commands), (error) => {
        assert.match(error.message, /3\.13\.1 without venv.*python3-venv/);
        assert.equal(error.status, "no venv module: install python3-venv");
        return true;
    });
});
