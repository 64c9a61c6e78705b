"use strict";

// What happens when a node needs an extra of the Python package.

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { FakeNode, bridgeWith, deliver } = require("./support/runtime");

const HINT = "The embedded engine is not installed: pip install -r python_worker/locks/embedded.txt";

/** An installation that the test ends; `calls` are the extras that were asked for. */
function makeInstaller() {
    const installer = { calls: [] };
    installer.install = (extra, progress) => {
        installer.calls.push(extra);
        installer.progress = progress;
        return new Promise((resolve, reject) => Object.assign(installer, { finish: resolve, fail: reject }));
    };
    return installer;
}

/** Answer the next `open` with what is missing; return the node's handle. */
async function requireExtra(peer, extra = "embedded") {
    const { node } = await peer.next("open");
    peer.send({ ctx: "requires", node, value: { extra, message: HINT } });
    return node;
}

test("an extra that two nodes need is installed once, and then both are opened again", async (t) => {
    const installer = makeInstaller();
    const { bridge, peer } = await bridgeWith(t, { source: { install: installer.install } });
    const nodes = [new FakeNode(), new FakeNode()];
    const links = nodes.map((node) => bridge.open(node, {}));
    await requireExtra(peer);
    await requireExtra(peer);
    await Promise.all(nodes.map((node) => node.shows(/installing embedded/)));
    const records = links.map((link) => deliver(link, { payload: 1 }));
    installer.progress("installing openvino");
    assert.deepEqual(nodes[0].statuses.at(-1), { fill: "yellow", shape: "ring", text: "installing openvino" });
    installer.finish();
    await peer.ready();
    await peer.ready();
    for (const record of records) {
        const { node, msgid } = await peer.next("input");
        peer.send({ ctx: "done", node, msgid });
        assert.equal((await record.ended).error, undefined);
    }
    assert.deepEqual(installer.calls, ["embedded"]);
});

test("a node that needs two extras gets one after the other", async (t) => {
    const installer = makeInstaller();
    const { bridge, peer } = await bridgeWith(t, { source: { install: installer.install } });
    const node = new FakeNode();
    bridge.open(node, {});
    await requireExtra(peer);
    await node.shows(/installing embedded/);
    installer.finish();
    await requireExtra(peer, "camera");
    await node.shows(/installing camera/);
    installer.finish();
    await peer.ready();
    await node.shows(/ready/);
    assert.deepEqual(installer.calls, ["embedded", "camera"]);
});

test("where nothing can be installed messages fail with what to do, until it has been done", async (t) => {
    const { bridge, peer } = await bridgeWith(t);
    const node = new FakeNode();
    const link = bridge.open(node, {});
    const waiting = deliver(link, { payload: 1 });
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await requireExtra(peer);
    await waiting.ended;
    assert.equal(waiting.sent[0][1].payload.error.message, HINT);
    assert.deepEqual(node.statuses.at(-1), { fill: "red", shape: "ring", text: HINT });
    assert.deepEqual(node.said, [`error ${HINT}`]);
    const next = deliver(link, { payload: 2 });
    assert.equal(next.ends, 1);
    assert.equal(next.msg.payload.error.code, 503);

    t.mock.timers.tick(300_000);
    await peer.ready();
    await node.shows(/^$/);
    deliver(link, { payload: 3 });
    assert.deepEqual((await peer.next("input")).value.needs, [3]);
});

test("a failed installation is told with its reason, and is tried again later", async (t) => {
    const installer = makeInstaller();
    const { bridge, peer } = await bridgeWith(t, { source: { install: installer.install } });
    const node = new FakeNode();
    bridge.open(node, {});
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await requireExtra(peer);
    await node.shows(/installing embedded/);
    installer.fail(new Error("installing failed: no matching distribution"));
    await node.shows(/no matching distribution/);
    assert.equal(node.statuses.at(-1).text, "installing failed: no matching distribution");
    t.mock.timers.tick(300_000);
    await requireExtra(peer);
    while (installer.calls.length < 2) {
        await new Promise(setImmediate);
    }
    assert.match(node.statuses.at(-1).text, /no matching distribution/);
    installer.finish();
    await peer.ready();
    assert.deepEqual(
        node.said.filter((text) => text.includes("no matching")),
        ["error installing failed: no matching distribution"],
    );
});

test("an extra that is still missing after its installation is not installed again and again", async (t) => {
    const installer = makeInstaller();
    const { bridge, peer } = await bridgeWith(t, { source: { install: installer.install } });
    const node = new FakeNode();
    bridge.open(node, {});
    await requireExtra(peer);
    await node.shows(/installing embedded/);
    installer.finish();
    await requireExtra(peer);
    await node.shows(/is not installed/);
    assert.equal(node.statuses.at(-1).text, HINT);
    assert.equal(installer.calls.length, 1);
});

test("an installation that outlives its connection opens the node once over the next", async (t) => {
    const installer = makeInstaller();
    const { bridge, peer } = await bridgeWith(t, { source: { install: installer.install } });
    const node = new FakeNode();
    const link = bridge.open(node, {});
    await requireExtra(peer);
    await node.shows(/installing embedded/);
    const record = deliver(link, { payload: 1 });
    peer.drop();
    await node.shows(/starting/);
    await requireExtra(peer);
    await node.shows(/installing embedded/);
    installer.finish();
    await peer.ready();
    const { msgid } = await peer.next("input");
    peer.send({ ctx: "done", node: link.handle, msgid });
    assert.equal((await record.ended).error, undefined);
    assert.deepEqual(installer.calls, ["embedded"]);
    assert.deepEqual(peer.frames.letters, []);
});

test("an installation that ends without a connection leaves the node to the next one", async (t) => {
    const installer = makeInstaller();
    const { bridge, peer } = await bridgeWith(t, { source: { install: installer.install } });
    const node = new FakeNode();
    const link = bridge.open(node, {});
    await requireExtra(peer);
    await node.shows(/installing embedded/);
    const record = deliver(link, { payload: 1 });
    peer.drop();
    await node.shows(/starting/);
    installer.fail(new Error("the worker was in the way"));
    await peer.ready();
    await peer.next("input");
    assert.equal(record.ends, 0);
    assert.deepEqual(node.said, []);
});

test("a node that closes during an installation is left alone", async (t) => {
    const installer = makeInstaller();
    const { bridge, peer } = await bridgeWith(t, { source: { install: installer.install } });
    const node = new FakeNode();
    const link = bridge.open(node, {});
    await requireExtra(peer);
    await node.shows(/installing embedded/);
    const other = new FakeNode();
    bridge.open(other, {});
    await peer.ready();
    link.close(true);
    installer.progress("installing numpy");
    installer.finish();
    await peer.next("close");
    await new Promise(setImmediate);
    assert.deepEqual(node.statuses.at(-1), {});
    assert.deepEqual(peer.frames.letters, []);
});
