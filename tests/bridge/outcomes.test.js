"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { numbers } = require("./support/numbers");
const { FakeNode, bridgeWith, deliver } = require("./support/runtime");

const STEPS = 400;

for (const seed of [1, 2, 3, 4]) {
    test(`every message has one end, whatever happens in whatever order (sequence ${seed})`, async (t) => {
        const { bridge, peer } = await bridgeWith(t);
        const next = numbers(seed);
        const pick = (list) => list.splice(next(list.length), 1)[0];
        const records = [];
        const links = [];
        let inWork = [];
        // After one more break, the bridge would decide that the worker does not work at all.
        let breaks = 2;
        let over = false;

        const answers = [
            (head) => [{ ...head, ctx: "send", value: [[[[["payload"], 1]]], null] }],
            (head) => [
                { ...head, ctx: "send", value: [[[], [], []], [[]]] },
                { ...head, ctx: "done" },
                { ...head, ctx: "send", value: [[[]], null] },
            ],
            (head) => [{ ...head, ctx: "error", value: { message: "refused", code: 403, edits: [[["payload"], 2]] } }],
            (head) => [
                { ...head, ctx: "done" },
                { ...head, ctx: "done" },
            ],
            (head) => [{ ...head, ctx: "send", value: [[[[["payload", "a", "b"], 1]]], null] }],
        ];
        const answer = ({ node, msgid }) => peer.send(...answers[next(answers.length)]({ node, msgid }));

        const worker = (async () => {
            for (;;) {
                const frame = await peer.frames.take();
                if (frame.ctx === "stop") {
                    return;
                }
                if (frame.ctx === "open") {
                    const { node } = frame;
                    peer.send({ ctx: "ready", node, value: { needs: [["payload"]], inputs: {} } });
                } else if (frame.ctx === "input" && over) {
                    answer(frame);
                } else if (frame.ctx === "input") {
                    inWork.push(frame);
                }
            }
        })();

        const openLink = () => {
            const wires = next(2) ? [["next"], ["failures"]] : [["next"], []];
            links.push(bridge.open(new FakeNode({ wires }), {}));
        };
        openLink();
        for (let step = 0; step < STEPS; step++) {
            const event = next(40);
            if (event < 20) {
                if (links.length) {
                    records.push(deliver(links[next(links.length)], { payload: next(2) ? step : "text" }));
                }
            } else if (event < 33) {
                if (inWork.length) {
                    answer(pick(inWork));
                }
            } else if (event < 36) {
                openLink();
            } else if (event < 38) {
                if (links.length) {
                    pick(links).close(Boolean(next(2)));
                }
            } else if (breaks && peer.server.clients.size && step > 40) {
                breaks--;
                peer.drop();
                inWork = [];
            }
            if (next(3) === 0) {
                await new Promise(setImmediate);
            }
        }
        over = true;
        if (peer.server.clients.size) {
            inWork.forEach(answer);
        }
        await Promise.all(records.map((record) => record.ended));
        for (const link of links) {
            link.close(false);
        }
        peer.frames.put({ ctx: "stop" });
        await worker;
        assert.ok(records.length > STEPS / 4);
        assert.ok(records.every((record) => record.ends === 1 && record.late === 0 && record.sent.length <= 1));
        assert.ok(records.every((record) => !(record.error && record.sent.length)));
        assert.deepEqual([bridge.admission.count, bridge.admission.bytes], [0, 0]);
        assert.equal(bridge.links.size, 0);
    });
}
