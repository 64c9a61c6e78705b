"use strict";

// The life of the connection, and what happens to messages meanwhile.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { TOKEN } = require("./support/peer");
const { FakeNode, bridgeWith, deliver } = require("./support/runtime");

const NEVER = new Promise(() => {});

/** A function that waits until it is called. */
function signal() {
    let tell;
    const told = new Promise((resolve) => (tell = resolve));
    return { tell, told };
}

function isUnavailable(error, pattern) {
    assert.equal(error.code, 503);
    assert.match(error.message, pattern);
    return true;
}

test("messages wait until the node is ready, and are then sent in order", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    const link = bridge.open(new FakeNode(), { outputField: "result" });
    const records = [0, 1, 2].map((payload) => deliver(link, { payload }));
    await peer.ready();
    for (const payload of [0, 1, 2]) {
        const { node, msgid, value } = await peer.next("input");
        assert.deepEqual(value, { needs: [payload], inputs: {}, wired: [true, true] });
        peer.send({ ctx: "send", node, msgid, value: [[[[["result"], payload + 10]]], null] });
    }
    for (const [index, record] of records.entries()) {
        await record.ended;
        assert.equal(record.error, undefined);
        assert.deepEqual(record.sent, [[[{ payload: index, result: index + 10 }], []]]);
        assert.equal(record.sent[0][0][0], record.msg);
    }
});

test("a node is opened with its config, without what is the editor's, and with its token", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    const node = new FakeNode({ id: "n1", credentials: { apiToken: "abc" } });
    bridge.open(node, { id: "n1", type: "x", z: "f", x: 1, y: 2, wires: [], _alias: "a", name: "gate", mmc: true });
    const { value } = await peer.next("open");
    assert.deepEqual(value, {
        type: "plate-recognizer",
        id: "n1",
        config: { name: "gate", mmc: true },
        credentials: { apiToken: "abc" },
    });
});

test("messages in flight fail with the connection, and later ones are served by the next", async (t) => {
    const { RED, bridge, peer } = await bridgeWith(t);
    const wired = bridge.open(new FakeNode(), { outputField: "result" });
    const bare = bridge.open(new FakeNode({ wires: [["next"], []] }), {});
    const fields = { output: "result", input: null, errors: 1 };
    const nodes = [(await peer.ready({ fields })).node, (await peer.ready()).node];
    assert.deepEqual(nodes, [wired.handle, bare.handle]);
    const flying = [deliver(wired, { payload: 1 }), deliver(bare, { payload: 2 })];
    await peer.next("input");
    await peer.next("input");
    peer.drop();
    await Promise.all(flying.map((record) => record.ended));

    const failure = {
        status: 503,
        statusText: "Service Unavailable",
        error: {
            code: 503,
            message: "The connection to the plate recognizer worker broke off while it had this message.",
        },
    };
    assert.deepEqual(flying[0].sent, [[null, { payload: 1, result: failure }]]);
    assert.equal(flying[0].error, undefined);
    assert.deepEqual(flying[1].sent, []);
    assert.deepEqual(flying[1].msg, { payload: failure });
    isUnavailable(flying[1].error, /broke off/);

    const later = deliver(wired, { payload: 3 });
    await peer.ready();
    await peer.ready();
    const { msgid, value } = await peer.next("input");
    assert.deepEqual(value.needs, [3]);
    peer.send({ ctx: "done", node: wired.handle, msgid });
    assert.equal((await later.ended).error, undefined);
    assert.deepEqual(
        flying.map((record) => record.ends),
        [1, 1],
    );
    assert.ok(RED.lines.some((line) => line.startsWith("warn") && /the worker is unavailable/.test(line)));
});

test("while no worker can be started messages fail at once with the reason, and a started one serves again", async (t) => {
    let why = "Python was not found";
    const { RED, bridge, peer } = await bridgeWith(t, {
        source: (peer) => ({
            start: async () => {
                if (why) {
                    throw new Error(why);
                }
                return { url: peer.url, token: TOKEN, exited: NEVER, stop: async () => {} };
            },
        }),
    });
    const node = new FakeNode();
    const link = bridge.open(node, {});
    const waiting = deliver(link, { payload: 1 });
    await waiting.ended;
    assert.match(waiting.sent[0][1].payload.error.message, /unavailable: Python was not found\./);
    assert.deepEqual(node.statuses.at(-1), { fill: "red", shape: "ring", text: "Python was not found" });
    const refused = deliver(link, { payload: 2 });
    assert.equal(refused.ends, 1);
    why = "";
    await peer.ready();
    assert.equal(RED.lines.filter((line) => /Python was not found/.test(line)).length, 1);
    deliver(link, { payload: 3 });
    assert.deepEqual((await peer.next("input")).value.needs, [3]);
});

test("a node that throws whenever it is told something keeps neither its worker nor other nodes from working", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    const broken = new FakeNode();
    for (const name of ["status", "warn", "error"]) {
        broken[name] = () => {
            throw new Error("broken node");
        };
    }
    const bad = bridge.open(broken, {});
    const good = bridge.open(new FakeNode(), {});
    await peer.ready();
    await peer.ready();
    const records = [deliver(bad, { payload: 1 }), deliver(good, { payload: 2 })];
    await peer.next("input");
    await peer.next("input");
    peer.drop();
    await Promise.all(records.map((record) => record.ended));
    await peer.ready();
    await peer.ready();
    deliver(good, { payload: 3 });
    assert.deepEqual((await peer.next("input")).value.needs, [3]);
});

test("progress is shown, and messages wait meanwhile", async (t) => {
    const built = signal();
    const { bridge, peer } = await bridgeWith(t, {
        source: (peer) => ({
            async start(progress) {
                progress("installing numpy");
                await built.told;
                return { url: peer.url, token: TOKEN, exited: NEVER, stop: async () => {} };
            },
        }),
    });
    const node = new FakeNode();
    const link = bridge.open(node, {});
    await node.shows(/installing numpy/);
    const record = deliver(link, { payload: 1 });
    assert.equal(record.ends, 0);
    built.tell();
    await peer.ready();
    await peer.next("input");
    assert.deepEqual(node.statuses.at(-1), { fill: "green", shape: "dot", text: "ready" });
});

test("a node that waited for an installation shows that it is ready for a moment only", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { bridge, peer } = await bridgeWith(t, {
        source: (peer) => ({
            async start(progress) {
                progress("2 of 2: engine, 14 s");
                return { url: peer.url, token: TOKEN, exited: NEVER, stop: async () => {} };
            },
        }),
    });
    const node = new FakeNode();
    bridge.open(node, {});
    await node.shows(/engine/);
    await peer.ready();
    await node.shows(/^ready$/);
    t.mock.timers.tick(3_000);
    assert.deepEqual(node.statuses.at(-1), {});
});

test("a failure is shown in few words, and told in the log whole", async (t) => {
    const { RED, bridge } = await bridgeWith(t, {
        source: {
            start: async () => {
                throw Object.assign(new Error("The package index pypi.org cannot be reached."), {
                    status: "no internet: pypi.org",
                });
            },
        },
    });
    const node = new FakeNode();
    bridge.open(node, {});
    await node.shows(/^no internet: pypi.org$/);
    assert.ok(RED.lines.some((line) => line.includes("The package index pypi.org cannot be reached.")));
});

test("a deploy tries at once what failed", async (t) => {
    let tries = 0;
    let renewals = 0;
    const { bridge } = await bridgeWith(t, {
        source: {
            renew: () => renewals++,
            start: async () => {
                tries++;
                throw new Error(`try ${tries}`);
            },
        },
    });
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const node = new FakeNode();
    bridge.open(node, {});
    await node.shows(/^try 1$/);
    const other = new FakeNode();
    bridge.open(other, {});
    await other.shows(/^try 2$/);
    assert.equal(renewals, 2);
});

test("a worker that ended is replaced after it ended, not before", async (t) => {
    const events = [];
    const end = signal();
    const stopped = signal();
    const { bridge, peer } = await bridgeWith(t, {
        source: (peer) => ({
            async start() {
                events.push("start");
                const first = events.length === 1;
                return {
                    url: peer.url,
                    token: TOKEN,
                    exited: first ? end.told : NEVER,
                    async stop() {
                        if (first) {
                            await stopped.told;
                        }
                        events.push("stopped");
                    },
                };
            },
        }),
    });
    const link = bridge.open(new FakeNode(), {});
    await peer.ready();
    const flying = deliver(link, { payload: 1 });
    await peer.next("input");
    end.tell("it was ended by SIGKILL");
    await flying.ended;
    assert.deepEqual(events, ["start"]);
    stopped.tell();
    await peer.ready();
    assert.deepEqual(events, ["start", "stopped", "start"]);
});

test("a bridge that is stopped and opened again starts one worker after the other", async (t) => {
    let running = 0;
    let most = 0;
    const { bridge, peer } = await bridgeWith(t, {
        source: (peer) => ({
            async start() {
                most = Math.max(most, ++running);
                const stop = async () => {
                    await new Promise(setImmediate);
                    running--;
                };
                return { url: peer.url, token: TOKEN, exited: NEVER, stop };
            },
        }),
    });
    for (let round = 0; round < 4; round++) {
        const link = bridge.open(new FakeNode(), {});
        let frame;
        do {
            // Nodes of the rounds before say that they close.
            frame = await peer.frames.take();
        } while (frame.ctx !== "open" || frame.node !== link.handle);
        link.close(false);
        bridge.stop();
    }
    assert.equal(most, 1);
});

test("the worker outlives a redeploy, and ends some seconds after the last node", async (t) => {
    let stops = 0;
    const { bridge, peer } = await bridgeWith(t, {
        source: (peer) => ({
            start: async () => ({ url: peer.url, token: TOKEN, exited: NEVER, stop: async () => stops++ }),
        }),
    });
    const first = bridge.open(new FakeNode(), {});
    await peer.ready();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    first.close(false);
    const second = bridge.open(new FakeNode(), {});
    t.mock.timers.tick(60_000);
    await peer.next("close");
    await peer.ready();
    assert.equal(stops, 0);
    second.close(true);
    assert.deepEqual((await peer.next("close")).value, { removed: true });
    t.mock.timers.tick(10_000);
    await bridge.running;
    assert.equal(stops, 1);
    assert.equal(peer.requests.length, 1);
});
