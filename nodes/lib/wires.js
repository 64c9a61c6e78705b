"use strict";

/** Return, for each output of a node, whether something is wired to it. */
function wiredOutputs(node) {
    return node.wires.map((targets) => targets.some((id) => isRunning(node, id)));
}

/** Whether a wire's end is there: a disabled node is in the flow's file, but not in the running flow. */
function isRunning(node, id) {
    const flow = node._flow;
    return flow?.getNode ? Boolean(flow.getNode(id)) : true;
}

module.exports = { wiredOutputs };
