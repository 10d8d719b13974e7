"use strict";
/* The page is whole without this: it looks for tests, sorts, and copies. */
(() => {
const find = (what, where = document) => [...where.querySelectorAll(what)];

function make(tag, fields, ...children) {
	const e = Object.assign(document.createElement(tag), fields);

	e.append(...children);
	return e;
}

/* --- the address ----------------------------------------------------------
 * "#t-0123" is a test, and "#t-0123&q=net+-slow&state=flaky&sort=5" one with a
 * filter; all of that can be sent to somebody.
 */
function readAddress() {
	const [at, ...rest] = location.hash.slice(1).split("&");
	const named = !at.includes("=");

	return {
		at: named ? at : "",
		said: new URLSearchParams((named ? rest : [at, ...rest]).join("&")),
	};
}

function addressOf(at, said) {
	const rest = said.toString();

	return "#" + at + (at && rest ? "&" : "") + rest;
}

function isHidden(at) {
	const e = at && document.getElementById(at);

	return e && e.hidden;
}

function say(name, value) {
	const { at, said } = readAddress();

	if (value)
		said.set(name, value);
	else
		said.delete(name);
	history.replaceState(null, "", addressOf(at, said));
	show();
	/* an address says no test that its filter hides */
	if (isHidden(at))
		history.replaceState(null, "", addressOf("", said));
}

/* --- what is looked for --------------------------------------------------- */
let input, states, count;

function isWanted(text, words) {
	return words.every(w => w.startsWith("-")
		? !text.includes(w.slice(1)) : text.includes(w));
}

/* One that the page does not have is none. */
function stateOf(said) {
	const state = said.get("state") || "";

	return [...states.options].some(o => o.value === state) ? state : "";
}

function filter(said) {
	const words = (said.get("q") || "").toLowerCase().split(/\s+/)
		.filter(w => w && w !== "-");
	const state = stateOf(said);
	const wanted = new Set();

	for (const row of find("#rank tbody tr"))
		if (isWanted(row.cells[1].textContent.toLowerCase(), words)
		    && (!state || row.dataset.s === state))
			wanted.add(row.dataset.t);
	for (const e of find("tr[data-t]"))
		e.hidden = !wanted.has(e.dataset.t);
	for (const e of find("article.test"))
		e.hidden = !wanted.has(e.id);
	const all = find("article.test").length;
	count.textContent = (wanted.size === all ? "" : `${wanted.size} of `)
		+ (all === 1 ? "1 test" : `${all} tests`);
}

function valueOf(cell) {
	return cell.dataset.v === undefined ? parseFloat(cell.textContent)
		: Number(cell.dataset.v);
}

/* "5" is by the fifth column, the most first, and "5a" the other way. */
function sort(said) {
	const by = said.get("sort") || "";
	const column = parseInt(by, 10);
	const body = find("#rank tbody")[0];

	if (!body)
		return;
	const heads = find("#rank thead th");
	const sign = by.endsWith("a") ? 1 : -1;
	const rows = find("tr", body);

	heads.forEach((h, i) => {
		if (i === column)
			h.setAttribute("aria-sort",
				sign > 0 ? "ascending" : "descending");
		else
			h.removeAttribute("aria-sort");
	});
	rows.sort((a, b) => {
		const first = valueOf(a.cells[0]) - valueOf(b.cells[0]);

		if (!(column >= 0 && column < heads.length))
			return first;
		const x = a.cells[column], y = b.cells[column];
		const order = column === 1 || column === 2
			? (x.textContent < y.textContent ? -1
				: x.textContent > y.textContent ? 1 : 0)
			: valueOf(x) - valueOf(y);

		return sign * order || first;
	});
	body.append(...rows);
}

/* --- what is shown -------------------------------------------------------- */
function show() {
	const { at, said } = readAddress();

	states.value = stateOf(said);
	filter(said);
	sort(said);
	for (const e of find("tr.here"))
		e.classList.remove("here");
	for (const e of find("tr[data-t]"))
		if (e.dataset.t === at)
			e.classList.add("here");
}

function go() {
	const { at, said } = readAddress();
	const target = at && document.getElementById(at);

	input.value = said.get("q") || "";
	show();
	if (!target)
		return;
	/* who is sent to a test wants to see it, whatever hides it */
	if (target.hidden) {
		said.delete("q");
		said.delete("state");
		history.replaceState(null, "", addressOf(at, said));
		input.value = "";
		show();
	}
	if (target.parentElement.tagName === "DETAILS")
		target.parentElement.open = true;
	/* what stands above it may find its height only then */
	for (const wait of [0, 50, 200])
		setTimeout(() => target.scrollIntoView(), wait);
}

/* --- keys ----------------------------------------------------------------- */
function step(by) {
	const tests = find("#rank tbody tr:not([hidden])")
		.map(row => row.dataset.t);
	const here = tests.indexOf(readAddress().at);
	const next = here < 0 ? (by > 0 ? 0 : tests.length - 1) : here + by;

	if (tests[next])
		location.hash = addressOf(tests[next], readAddress().said);
}

function onKey(event) {
	if (event.ctrlKey || event.metaKey || event.altKey)
		return;
	/* what is wide goes from side to side by the same keys */
	if (event.key.startsWith("Arrow")
	    && (event.shiftKey || event.target.closest(".wide")))
		return;
	const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);

	if (event.key === "Escape" && event.target === input) {
		input.value = "";
		say("q", "");
		input.blur();
	} else if (typing) {
		return;
	} else if (event.key === "/") {
		event.preventDefault();
		input.focus();
	} else if (event.key === "ArrowRight" || event.key === "j") {
		step(1);
	} else if (event.key === "ArrowLeft" || event.key === "k") {
		step(-1);
	}
}

/* --- what is added to the page -------------------------------------------- */
function addButtons() {
	for (const code of find("code.cmd")) {
		const button = make("button", { type: "button", className: "copy",
			textContent: "copy" });

		button.addEventListener("click", async () => {
			try {
				await navigator.clipboard.writeText(code.textContent);
			} catch {
				getSelection().selectAllChildren(code);
				document.execCommand("copy");
			}
			button.textContent = "copied";
			setTimeout(() => { button.textContent = "copy"; }, 1500);
		});
		button.setAttribute("aria-label", "copy the command");
		code.after(button);
	}
	find("#rank thead th").forEach((head, i) => {
		if (head.textContent === "Last runs")
			return;
		const button = make("button", { type: "button" },
			...head.childNodes);

		button.addEventListener("click", () => {
			const by = readAddress().said.get("sort");
			const first = i < 3 ? `${i}a` : String(i);
			const other = i < 3 ? String(i) : `${i}a`;

			say("sort", by === first ? other : first);
		});
		head.append(button);
	});
}

function addTheme() {
	const root = document.documentElement;
	const button = make("button", { type: "button",
		textContent: "light or dark" });

	button.addEventListener("click", () => {
		const dark = root.dataset.theme
			? root.dataset.theme === "dark"
			: matchMedia("(prefers-color-scheme: dark)").matches;

		root.dataset.theme = dark ? "light" : "dark";
	});
	return button;
}

function addFind() {
	const ranking = document.getElementById("ranking");

	input = make("input", { type: "search",
		placeholder: "test, -not this one   (press /)" });
	input.setAttribute("aria-label", "look for tests");
	input.addEventListener("input", () => say("q", input.value.trim()));
	states = make("select", {}, make("option", { value: "" }, "all states"));
	states.setAttribute("aria-label", "state");
	for (const s of new Set(find("#rank tbody tr").map(r => r.dataset.s)))
		states.append(make("option", { value: s }, s));
	states.addEventListener("change", () => say("state", states.value));
	count = make("span", {});
	count.setAttribute("role", "status");
	ranking.before(make("div", { id: "find" }, input, states, count,
		addTheme()));
	document.getElementById("find").setAttribute("role", "search");
}

/* Paper has nothing to click on. */
function unfold() {
	for (const e of find("details"))
		e.open = true;
}

/* A link to a test keeps the filter that there is. */
function onClick(event) {
	const link = event.target.closest && event.target.closest("a[href^='#']");

	if (!link || event.ctrlKey || event.metaKey || event.shiftKey)
		return;
	event.preventDefault();
	const to = addressOf(link.getAttribute("href").slice(1),
		readAddress().said);

	if (to === location.hash)
		go();
	else
		location.hash = to;
}

document.addEventListener("DOMContentLoaded", () => {
	if (!document.getElementById("ranking"))
		return;
	addFind();
	addButtons();
	addEventListener("beforeprint", unfold);
	document.addEventListener("click", onClick);
	document.addEventListener("keydown", onKey);
	addEventListener("hashchange", go);
	go();
});
})();
