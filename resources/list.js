"use strict";

// The table of a plate-list's dialog.

(function () {
    const { FIELDS, csvOf, entriesOf, isRightField, linesOf, readCsv, textOf, validate } =
        window.plateRecognizer.plates;

    // Shown below the others, and only where one of them is used or asked for: a row is no wider than the dialog.
    const MORE = ["from", "until", "weekdays", "hours", "note"];
    const WIDTHS = { from: 17, until: 17, weekdays: 16, hours: 22, note: 28 };
    const HINTS = { from: "2026-01-01", until: "2026-12-31", weekdays: "mon-fri", hours: "08:00-18:00" };

    const SHOWN_FIELDS = [
        ["plate", 34],
        ["name", 36],
        ["group", 30],
    ];

    /** More are kept in a file. */
    const MOST = 2000;
    const SHOWN = 100;

    /** Least height of the list, in pixels. */
    const LOWEST = 180;

    /**
     * The table of the opened dialog. It holds all entries, and shows the first of those that are searched for: elements
     * for thousands of them would take seconds.
     */
    class Table {
        constructor(node) {
            this.node = node;
            this.entries = entriesOf(node.entries);
            this.list = $("<ol>", { id: "plate-list-entries" });
            this.search = $("<input>", { type: "text", id: "plate-list-search", placeholder: node._("table.search") });
            this.rest = $("<div>", { id: "plate-list-rest" }).css({ margin: "4px 0", opacity: 0.7 });
            $("#node-input-entries-rows").append(this.tools(), this.list, this.rest);
            this.list.editableList({
                header: header(node),
                addItem: (container, _index, entry) => this.added(container, entry),
                removeItem: (entry) => this.removed(entry),
                removable: true,
            });
            this.list.editableList("height", LOWEST);
            this.search.on("input", () => this.show());
            this.show();
        }

        tools() {
            const { node } = this;
            const file = $("<input>", { type: "file", accept: ".csv,.txt,text/csv,text/plain" }).hide();
            file.on("change", async () => {
                const [chosen] = file[0].files;
                const text = chosen && (await textOf(chosen));
                file.val("");
                if (chosen) {
                    this.takeFile(text);
                }
            });
            return $("<div>")
                .css({ display: "flex", gap: "6px", margin: "4px 0" })
                .append(this.search.css({ flex: 1 }))
                .append(
                    button("plate-list-import", "upload", node._("table.import"), () => file.trigger("click")),
                    file,
                )
                .append(button("plate-list-export", "download", node._("table.export"), () => download(this.filled())));
        }

        /** Return the entries that are not empty. */
        filled() {
            return this.entries.filter((entry) => FIELDS.some((field) => entry[field]?.trim()));
        }

        show() {
            const found = this.entries.filter((entry) => contains(entry, this.search.val()));
            this.list.editableList("empty");
            this.list.editableList("addItems", found.slice(0, SHOWN));
            this.tellRest(found.length);
            // After the list has scrolled to what was added.
            setTimeout(() => this.list.closest(".red-ui-editableList-container").scrollTop(0), 0);
        }

        tellRest(count) {
            const text = this.node._("table.rest", { shown: SHOWN, count });
            this.rest.text(text).toggle(count > SHOWN);
        }

        added(container, entry) {
            if (!this.entries.includes(entry)) {
                this.entries.push(entry);
            }
            addRow(this.node, container, entry);
        }

        removed(entry) {
            this.entries = this.entries.filter((one) => one !== entry);
        }

        fill(all) {
            if (all.length > MOST) {
                RED.notify(this.node._("table.error.many", { most: MOST, count: all.length }), "error");
                return;
            }
            this.entries = all;
            this.search.val("");
            this.show();
        }

        takeFile(text) {
            const { node } = this;
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
            const present = this.filled();
            if (!present.length) {
                this.fill(read.entries);
                return;
            }
            const plates = new Set(read.entries.map(({ plate }) => plainPlate(plate)));
            // A plate that is in the file as well is the file's.
            const others = present.filter(({ plate }) => !plates.has(plainPlate(plate)));
            const choices = [
                ["cancel", () => {}],
                ["append", () => this.fill([...others, ...read.entries])],
                ["replace", () => this.fill(read.entries)],
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
    }

    /** The table of the dialog that is open. */
    let table = null;

    function prepare(node) {
        table = new Table(node);
    }

    /** Give the list the height that the dialog has left. */
    function resize({ height }) {
        const list = $("#plate-list-entries");
        const form = $("#dialog-form");
        const shown = list.closest(".red-ui-editableList").outerHeight(true);
        const others = form.children(".form-row:visible").toArray();
        const rest = others.reduce((sum, row) => sum + $(row).outerHeight(true), 0) - shown;
        list.editableList("height", Math.max(LOWEST, height - rest - 20));
    }

    function header(node) {
        const cells = SHOWN_FIELDS.map(([field, width]) => {
            return $("<div>")
                .css({ width: `${width}%` })
                .text(node._(`table.${field}`));
        });
        return $("<div>").css({ display: "flex", gap: "4px", padding: "2px 70px 2px 8px" }).append(cells);
    }

    function button(id, icon, label, act) {
        const shown = $("<button>", { type: "button", id, class: "red-ui-button" }).on("click", act);
        return shown.append($("<i>", { class: `fa fa-${icon}` }), " ", $("<span>").text(label));
    }

    function addRow(node, container, entry) {
        const first = $("<div>").css({ display: "flex", gap: "4px", "align-items": "center" }).appendTo(container);
        const second = $("<div>").css({ display: "flex", gap: "4px", "margin-top": "4px" }).appendTo(container).hide();
        first.append(SHOWN_FIELDS.map(([field, width]) => input(node, entry, field, width)));
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

    const plainPlate = (plate) => (plate ?? "").toUpperCase().replace(/[\s.·-]/g, "");

    /** Offer the entries as a file. */
    function download(entries) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([csvOf(entries)], { type: "text/csv" }));
        link.download = "plates.csv";
        link.click();
        URL.revokeObjectURL(link.href);
    }

    /** Store the table of a dialog that is closed. A node that nobody has changed keeps what it has. */
    function store(node) {
        const lines = linesOf(table.filled());
        table = null;
        if (JSON.stringify(lines) !== JSON.stringify(linesOf(entriesOf(node.entries)))) {
            node.entries = lines;
        }
    }

    window.plateRecognizer.plateTable = { prepare, resize, store, validate };
})();
