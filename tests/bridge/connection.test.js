"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const http = require("node:http");
const net = require("node:net");
const { test } = require("node:test");
const { connect } = require("../../nodes/lib/connection");
const { encode } = require("../../nodes/lib/values");
const { HELLO, Mailbox, Peer, TOKEN } = require("./support/peer");

const VERSIONS = { package: "2.0.0", nodered: "4.1.0", node: "v20.0.0" };

/** Connect to an address; `frames` are those that came after the greeting. */
function attempt(t, url, { remote = false } = {}) {
    const stop = new AbortController();
    t.after(() => stop.abort());
    const frames = new Mailbox();
    const connecting = connect({
        url,
        token: TOKEN,
        remote,
        versions: VERSIONS,
        signal: stop.signal,
        onFrame: (frame) => frames.put(frame),
    });
    return { connecting, frames, stop };
}

async function listen(t, options) {
    const peer = await Peer.listen(options);
    t.after(() => peer.close());
    return peer;
}

/** Serve on a free port with a server of Node.js until the test ends. */
async function serve(t, server) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    return `ws://127.0.0.1:${server.address().port}/`;
}

for (const remote of [false, true]) {
    test(`greetings are exchanged with a ${remote ? "remote" : "private"} worker, then frames`, async (t) => {
        const peer = await listen(t);
        const { connecting, frames } = attempt(t, peer.url, { remote });
        const connection = await connecting;
        assert.deepEqual(await peer.greetings.take(), {
            ctx: "hello",
            value: { protocol: 2, versions: VERSIONS },
        });
        assert.equal(connection.limit, HELLO.value.limit);
        connection.send([encode({ ctx: "close", node: 1, value: { removed: false } })]);
        assert.deepEqual(await peer.next("close"), { ctx: "close", node: 1, value: { removed: false } });
        peer.send({ ctx: "done", node: 1, msgid: 2 });
        assert.deepEqual(await frames.take(), { ctx: "done", node: 1, msgid: 2 });
    });
}

test("the token travels in one header and nowhere else", async (t) => {
    const peer = await listen(t);
    await attempt(t, peer.url).connecting;
    const [{ headers, url }] = peer.requests;
    assert.equal(headers.authorization, `Bearer ${TOKEN}`);
    delete headers.authorization;
    assert.ok(!JSON.stringify([headers, url, await peer.greetings.take()]).includes(TOKEN));
    assert.equal(headers.origin, undefined);
    assert.equal(headers["sec-websocket-extensions"], undefined);
});

test("a worker of another version is left with the code for it, and the error names both versions", async (t) => {
    const peer = await listen(t, { hello: { ...HELLO, value: { ...HELLO.value, protocol: 7 } } });
    const closed = once(peer.server, "connection").then(([socket]) => once(socket, "close"));
    await assert.rejects(attempt(t, peer.url).connecting, /wrong version: .*protocol 7, this package 2: update/);
    const [code, reason] = await closed;
    assert.equal(code, 4001);
    assert.match(String(reason), /protocol 7, this package 2: update/);
});

test("a worker's reason for refusing our version is the error", async (t) => {
    const peer = await listen(t, { hello: null });
    const { connecting } = attempt(t, peer.url);
    connecting.catch(() => {});
    await peer.greetings.take();
    peer.socket.close(4001, "Node-RED's package speaks 1, this worker 9");
    await assert.rejects(connecting, /wrong version: Node-RED's package speaks 1, this worker 9/);
});

for (const [status, expected] of [
    [401, /refused the connection \(401\): check its token/],
    [403, /refused the connection \(403\): check its token/],
    [404, /answers 404 instead of opening a websocket/],
]) {
    test(`a worker's address that answers ${status} is told with what to do`, async (t) => {
        const server = http.createServer((_request, response) => response.writeHead(status).end("x"));
        await assert.rejects(attempt(t, await serve(t, server)).connecting, (error) => {
            assert.match(error.message, expected);
            assert.ok(!error.message.includes(TOKEN));
            return true;
        });
    });
}

test("a redirect is not followed, so the token goes nowhere else", async (t) => {
    const peer = await listen(t);
    const server = http.createServer((_request, response) => response.writeHead(302, { Location: peer.url }).end());
    await assert.rejects(attempt(t, await serve(t, server)).connecting, /answers 302/);
    assert.deepEqual(peer.requests, []);
});

test("nobody at the address is an error", async (t) => {
    const server = net.createServer();
    const url = await serve(t, server);
    server.close();
    await assert.rejects(attempt(t, url).connecting, /ECONNREFUSED/);
});

test("an end that speaks no HTTP is an error", async (t) => {
    const server = net.createServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    await assert.rejects(attempt(t, await serve(t, server)).connecting, /Parse Error/);
});

for (const [name, greeting] of [
    ["text", "hello"],
    ["bytes that are no MessagePack", Buffer.from([0xc1, 0xff, 0x00])],
    ["half a frame", encode(HELLO).subarray(0, -3)],
    ["another frame than a greeting", encode({ ctx: "done", node: 1, msgid: 1 })],
    ["a greeting without a version", encode({ ctx: "hello", value: {} })],
]) {
    test(`a peer that greets with ${name} is left`, async (t) => {
        const peer = await listen(t, { hello: null });
        const { connecting, frames } = attempt(t, peer.url);
        connecting.catch(() => {});
        await peer.greetings.take();
        const closed = once(peer.socket, "close");
        peer.socket.send(greeting);
        await assert.rejects(connecting, Error);
        assert.equal((await closed)[0], 4002);
        assert.deepEqual(frames.letters, []);
    });
}

test("garbage after the greeting ends the connection, and no frame is taken after it", async (t) => {
    const peer = await listen(t);
    const { connecting, frames } = attempt(t, peer.url);
    const connection = await connecting;
    const closed = once(peer.socket, "close");
    peer.socket.send(Buffer.from([0xc1]));
    peer.send({ ctx: "done", node: 1, msgid: 1 });
    assert.equal((await closed)[0], 4002);
    assert.notEqual(await connection.closed, "");
    assert.deepEqual(frames.letters, []);
});

test("a peer that never greets is given up", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const peer = await listen(t, { hello: null });
    const { connecting } = attempt(t, peer.url);
    connecting.catch(() => {});
    await peer.greetings.take();
    t.mock.timers.tick(15_000);
    await assert.rejects(connecting, /does not answer the greeting/);
});

test("frames arrive in order, however they are spread over messages and fragments", async (t) => {
    const peer = await listen(t);
    const { connecting, frames } = attempt(t, peer.url);
    await connecting;
    const all = Array.from({ length: 6 }, (_each, msgid) => ({ ctx: "done", node: 1, msgid }));
    peer.send(...all.slice(0, 3));
    const rest = Buffer.concat(all.slice(3).map(encode));
    for (let at = 0; at < rest.length; at++) {
        peer.socket.send(rest.subarray(at, at + 1), { fin: at === rest.length - 1 });
    }
    for (const frame of all) {
        assert.deepEqual(await frames.take(), frame);
    }
});

test("chunks arrive as one message, and their bytes stay as they were", async (t) => {
    const peer = await listen(t);
    const connection = await attempt(t, peer.url, { remote: true }).connecting;
    const bytes = encode({ ctx: "close", node: 5, value: { removed: true } });
    const before = Buffer.from(bytes);
    connection.send([bytes.subarray(0, 4), bytes.subarray(4, 9), bytes.subarray(9)]);
    assert.equal((await peer.next("close")).node, 5);
    assert.deepEqual(Buffer.from(bytes), before);
});

test("the other end's reason is told when it closes, and its vanishing when it gives none", async (t) => {
    const peer = await listen(t);
    const first = await attempt(t, peer.url).connecting;
    peer.socket.close(1001, "going away");
    assert.equal(await first.closed, "going away");
    const second = await attempt(t, peer.url).connecting;
    peer.drop();
    assert.equal(await second.closed, "the connection was closed (1006)");
});

test("an abort ends the attempt, and the connection", async (t) => {
    const peer = await listen(t, { hello: null });
    const waiting = attempt(t, peer.url);
    waiting.connecting.catch(() => {});
    await peer.greetings.take();
    waiting.stop.abort();
    await assert.rejects(waiting.connecting);
    const greeting = await listen(t);
    const { connecting, stop } = attempt(t, greeting.url);
    const connection = await connecting;
    const gone = once(greeting.socket, "close");
    stop.abort();
    await connection.closed;
    await gone;
});
