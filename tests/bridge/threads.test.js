"use strict";

// The processor threads of the embedded engine: what the settings say, and that the worker is told.

const assert = require("node:assert/strict");
const fs = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { readThreads } = require("../../nodes/lib/limits");
const { startWorker } = require("../../nodes/lib/process");

const VARIABLE = "PLATE_RECOGNIZER_THREADS";

/** Set the variable, or remove it, for one test. */
function environment(t, value) {
    const before = process.env[VARIABLE];
    const set = (text) => (text === undefined ? delete process.env[VARIABLE] : (process.env[VARIABLE] = text));
    t.after(() => set(before));
    set(value);
}

test("the setting goes before the variable, and without both all cores are used", (t) => {
    environment(t, undefined);
    assert.deepEqual([readThreads(), readThreads(null), readThreads({})], [null, null, null]);
    assert.deepEqual([readThreads({ threads: 1 }), readThreads({ threads: 256 })], [1, 256]);
    environment(t, "3");
    assert.deepEqual([readThreads(), readThreads({ threads: 2 })], [3, 2]);
    environment(t, "");
    assert.equal(readThreads(), null);
});

test("threads that are no whole number from 1 to 256 are told, and all cores are used", (t) => {
    environment(t, undefined);
    const said = [];
    const log = { error: (text) => said.push(text) };
    const wrong = [0, 257, -1, 2.5, NaN, Infinity, true, "many", [], {}, "0x10", " 2"];
    for (const threads of wrong) {
        assert.equal(readThreads({ threads }, log), null);
    }
    environment(t, "many");
    assert.equal(readThreads({}, log), null);
    assert.equal(said.length, wrong.length + 1);
    assert.match(said[0], /plateRecognizer\.threads .* whole number from 1 to 256/);
});

test("the worker is told the number of threads, and nothing where all cores are used", async (t) => {
    if (process.platform === "win32") {
        return t.skip("it takes a script as interpreter");
    }
    const state = await fs.mkdtemp(path.join(os.tmpdir(), "plr-test-"));
    t.after(() => fs.rm(state, { recursive: true, force: true }));
    const python = path.join(state, "python");
    const script = ["#!/bin/sh", `echo "$@" > ${state}/arguments`, `echo '{"listening": "/nowhere"}'`, "cat"];
    await fs.writeFile(python, script.join("\n"), { mode: 0o755 });
    const log = Object.fromEntries(["debug", "info", "warn", "error"].map((level) => [level, () => {}]));
    const told = async (threads) => {
        const worker = await startWorker(python, { state, threads, log });
        await worker.stop();
        return / --threads .*/.exec((await fs.readFile(path.join(state, "arguments"), "utf8")).trim())?.[0];
    };
    assert.equal(await told(5), " --threads 5");
    assert.equal(await told(null), undefined);
});
