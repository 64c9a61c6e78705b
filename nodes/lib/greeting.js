"use strict";

const SHOWN = 3_000;

/** Shows "ready" for a moment below a node that had to wait until something was installed. */
class Greeting {
    /** @param {(status: object) => void} show - shows a status of the node */
    constructor(show) {
        this.show = show;
        this.expected = false;
        this.timer = null;
    }

    /** Something is being installed that the node waits for. */
    expect() {
        this.expected = true;
    }

    /** The node is ready. */
    ready() {
        if (!this.expected) {
            this.show({});
            return;
        }
        this.expected = false;
        this.show({ fill: "green", shape: "dot", text: "ready" });
        this.timer = setTimeout(() => this.show({}), SHOWN).unref();
    }

    /** Something else is shown, so there is nothing left to clear. */
    cancel() {
        clearTimeout(this.timer);
    }
}

module.exports = { Greeting };
