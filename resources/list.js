"use strict";

// The table of a plate-list's dialog, and its CSV. The worker reads the same forms (`python_worker/known/table.py`), and
// says in full what is wrong with an entry; here, a field is only marked.

(function () {
    const { Papa, plateRecognizer } = window;

    const FIELDS = ["plate", "name", "group", "from", "until", "weekdays", "hours", "note"];
    // Shown below the others, and only where one of them is used or asked for: a row is no wider than the dialog.
    const MORE = ["from", "until", "weekdays", "hours", "note"];
    const WIDTHS = { from: 17, until: 17, weekdays: 16, hours: 22, note: 28 };
    const HINTS = { from: "2026-01-01", until: "2026-12-31", weekdays: "mon-fri", hours: "08:00-18:00" };

    /** More are kept in a file: the browser makes elements for each. */
    const MOST = 2000;

    const DATE = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$/;
    const DAY =
        "([1-7]|mo(n(d(ay?)?)?)?|tu(e(s(d(ay?)?)?)?)?|we(d(n(e(s(d(ay?)?)?)?)?)?)?|th(u(r(s(d(ay?)?)?)?)?)?|fr(i(d(ay?)?)?)?|sa(t(u(r(d(ay?)?)?)?)?)?|su(n(d(ay?)?)?)?)[.]?";
    const DAYS = new RegExp(`^${DAY}(\\s*[-–]\\s*${DAY})?$`, "i");
    const HOURS = /^\d{1,2}(:[0-5]\d)?\s*[-–]\s*\d{1,2}(:[0-5]\d)?$/;

    const parts = (text) =>
        text
            .split(/[,;]/)
            .map((part) => part.trim())
            .filter(Boolean);
    const isRight = {
        plate: (text) => /[\p{L}\p{N}*?]/u.test(text),
        from: (text) => DATE.test(text),
        until: (text) => DATE.test(text),
        weekdays: (text) => parts(text).every((part) => DAYS.test(part)),
        hours: (text) => parts(text).every((part) => HOURS.test(part)),
    };

    /** Return the first field of an entry that the worker will not take, null if it will take all. */
    function wrongField(entry) {
        return FIELDS.find((field) => !isRightField(entry, field)) ?? null;
    }

    function isRightField(entry, field) {
        const text = (entry[field] ?? "").trim();
        return text === "" ? field !== "plate" : (isRight[field]?.(text) ?? true);
    }

    /** Return the entries of a node's property: lines of a table, or what somebody wrote into a flow by hand. */
    function entriesOf(lines) {
        const listed = Array.isArray(lines) ? lines : [];
        if (listed.length && listed.every((line) => typeof line === "string")) {
            const { data } = Papa.parse(listed.join("\n"), { delimiter: ",", skipEmptyLines: true });
            const isTable = data[0].includes("plate");
            return isTable ? data.slice(1).map((cells) => entryOf(data[0], cells)) : listed.map((plate) => ({ plate }));
        }
        return listed.map((one) => (typeof one === "object" ? { ...one } : { plate: String(one) }));
    }

    /** Return the lines of a table: one for each entry, so that a change is one line of the flows' file. */
    function linesOf(entries) {
        const rows = entries.map((entry) => {
            const cells = FIELDS.map((field) => (entry[field] ?? "").replace(/\s+/g, " ").trim());
            return cells.slice(0, cells.findLastIndex(Boolean) + 1);
        });
        return rows.length ? [FIELDS, ...rows].map((cells) => Papa.unparse([cells])) : [];
    }

    function entryOf(header, cells) {
        const filled = header.map((field, place) => [field, (cells[place] ?? "").trim()]);
        return Object.fromEntries(filled.filter(([field, text]) => FIELDS.includes(field) && text !== ""));
    }

    /**
     * Read a CSV file, as the worker reads one.
     *
     * @param {string} text
     * @returns {{entries: object[], odd: string[]}} odd: columns that no entry has
     * @throws {Error} its message is the key of what is wrong
     */
    function readCsv(text) {
        const { data, errors } = Papa.parse(text.replace(/^\ufeff?sep=.\r?\n/i, ""), {
            skipEmptyLines: "greedy",
            delimiter: delimiterOf(text),
        });
        if (errors.some(({ type }) => type === "Quotes")) {
            throw new Error("quotes");
        }
        const header = (data[0] ?? []).map((cell) => cell.trim().toLowerCase());
        if (header.includes("plate")) {
            const odd = header.filter((name) => name && !FIELDS.includes(name));
            return { entries: data.slice(1).map((cells) => entryOf(header, cells)), odd };
        }
        if (header.length > 1 || FIELDS.includes(header[0])) {
            throw new Error("columns");
        }
        return { entries: data.map((cells) => entryOf(["plate"], cells)), odd: [] };
    }

    /** Return what is between the columns: what the first line has most of. */
    function delimiterOf(text) {
        const [first] = text.split("\n");
        const declared = /^\ufeff?sep=(.)\r?$/i.exec(first);
        const count = (one) => first.split(one).length;
        return declared ? declared[1] : [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
    }

    /** Return a file's text: UTF-8, UTF-16 with its mark, or what Windows' programs in the West write. */
    async function textOf(file) {
        const data = await file.arrayBuffer();
        const [first, second] = new Uint8Array(data.slice(0, 2));
        const marked = { 0xfffe: "utf-16le", 0xfeff: "utf-16be" }[first * 256 + second];
        try {
            return new TextDecoder(marked ?? "utf-8", { fatal: true }).decode(data);
        } catch {
            return new TextDecoder("windows-1252").decode(data);
        }
    }

    /** Make the table of an opened dialog. */
    function prepare(node) {
        const list = $("<ol>", { id: "plate-list-entries" });
        const search = $("<input>", { type: "text", id: "plate-list-search", placeholder: node._("table.search") });
        const file = $("<input>", { type: "file", accept: ".csv,.txt,text/csv,text/plain" }).hide();
        const tools = $("<div>", { class: "plate-list-tools" }).css({ display: "flex", gap: "6px", margin: "4px 0" });
        search.css({ flex: 1 }).appendTo(tools);
        tools.append(
            button("plate-list-import", "upload", node._("table.import"), () => file.trigger("click")),
            file,
        );
        tools.append(button("plate-list-export", "download", node._("table.export"), () => save(entries(list))));
        $("#node-input-entries-rows").append(tools, list);
        list.css({ "min-height": "180px" }).editableList({
            addItem: (container, _index, entry) => addRow(node, container, entry),
            filter: (entry) => contains(entry, search.val()),
            sortable: true,
            removable: true,
        });
        list.editableList("addItems", entriesOf(node.entries));
        search.on("input", () => list.editableList("filter"));
        file.on("change", async () => {
            const [chosen] = file[0].files;
            file.val("");
            if (chosen) {
                takeFile(node, list, await textOf(chosen));
            }
        });
    }

    function button(id, icon, label, act) {
        const shown = $("<button>", { type: "button", id, class: "red-ui-button" }).on("click", act);
        return shown.append($("<i>", { class: `fa fa-${icon}` }), " ", $("<span>").text(label));
    }

    function addRow(node, container, entry) {
        const first = $("<div>").css({ display: "flex", gap: "4px" }).appendTo(container);
        const second = $("<div>").css({ display: "flex", gap: "4px", "margin-top": "4px" }).appendTo(container).hide();
        first.append(input(node, entry, "plate", 34), input(node, entry, "name", 33), input(node, entry, "group", 33));
        const showMore = () => {
            if (second.is(":empty")) {
                MORE.forEach((field) => second.append(input(node, entry, field, WIDTHS[field])));
            }
            second.toggle();
        };
        const title = node._("table.more");
        const more = $("<button>", { type: "button", class: "red-ui-button red-ui-button-small", title });
        more.append($("<i>", { class: "fa fa-clock-o" }))
            .on("click", showMore)
            .appendTo(first);
        if (MORE.some((field) => entry[field])) {
            showMore();
        }
    }

    function input(node, entry, field, width) {
        const label = node._(`table.${field}`);
        const hint = HINTS[field] ? `${label}: ${HINTS[field]}` : label;
        const made = $("<input>", {
            type: "text",
            "data-field": field,
            placeholder: hint,
            title: hint,
            "aria-label": label,
        });
        const mark = () => made.toggleClass("input-error", !isRightField(entry, field));
        made.css({ width: `${width}%`, "min-width": 0 }).val(entry[field] ?? "");
        made.on("input change", () => {
            entry[field] = made.val();
            mark();
        });
        mark();
        return made;
    }

    function contains(entry, searched) {
        const wanted = (searched ?? "").toLowerCase();
        const plain = wanted.replace(/[\s.-]/g, "");
        const texts = FIELDS.map((field) => (entry[field] ?? "").toLowerCase());
        return texts.some((text) => text.includes(wanted)) || texts[0].replace(/[\s.-]/g, "").includes(plain || wanted);
    }

    /** Return the entries of the table that are not empty. */
    function entries(list) {
        const all = list.editableList("items").toArray();
        return all.map((item) => $(item).data("data")).filter((entry) => FIELDS.some((field) => entry[field]?.trim()));
    }

    function takeFile(node, list, text) {
        let read;
        try {
            read = readCsv(text);
        } catch (error) {
            RED.notify(node._(`table.error.${error.message}`, { columns: FIELDS.join(", ") }), "error");
            return;
        }
        if (read.odd.length) {
            RED.notify(node._("table.odd", { columns: read.odd.join(", ") }), "warning");
        }
        const present = entries(list);
        const take = (kept) => fill(node, list, [...kept, ...read.entries]);
        if (!present.length) {
            take([]);
            return;
        }
        const plates = new Set(read.entries.map(({ plate }) => plainPlate(plate)));
        const choices = [
            ["cancel", () => {}],
            // A plate that is in the file as well is the file's.
            ["append", () => take(present.filter(({ plate }) => !plates.has(plainPlate(plate))))],
            ["replace", () => take([])],
        ];
        const asked = RED.notify(node._("table.ask", { count: read.entries.length }), {
            modal: true,
            fixed: true,
            buttons: choices.map(([name, act]) => ({
                text: node._(`table.${name}`),
                class: name === "append" ? "primary" : "",
                click: () => {
                    asked.close();
                    act();
                },
            })),
        });
    }

    const plainPlate = (plate) => (plate ?? "").toUpperCase().replace(/[\s.·-]/g, "");

    function fill(node, list, all) {
        if (all.length > MOST) {
            RED.notify(node._("table.error.many", { most: MOST, count: all.length }), "error");
            return;
        }
        list.editableList("empty");
        list.editableList("addItems", all);
    }

    /** Offer the entries as a file, with the mark that Excel needs to read UTF-8. */
    function save(all) {
        const rows = all.map((entry) => FIELDS.map((field) => entry[field] ?? ""));
        const text = `\ufeff${Papa.unparse([FIELDS, ...rows])}\r\n`;
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
        link.download = "plates.csv";
        link.click();
        URL.revokeObjectURL(link.href);
    }

    /** Store the table of a dialog that is closed. A node that nobody has changed keeps what it has. */
    function store(node) {
        const lines = linesOf(entries($("#plate-list-entries")));
        if (JSON.stringify(lines) !== JSON.stringify(linesOf(entriesOf(node.entries)))) {
            node.entries = lines;
        }
    }

    /** Validator of the property: names the first entry that the worker would leave out. */
    function validate(value, opt) {
        const all = entriesOf(value);
        const place = all.findIndex(wrongField);
        if (place < 0) {
            return true;
        }
        const field = this._(`table.${wrongField(all[place])}`);
        return `${opt.label}: ${this._("error.entry", { number: place + 1, field })}`;
    }

    plateRecognizer.plateTable = { entriesOf, linesOf, prepare, readCsv, store, validate, wrongField };
})();
