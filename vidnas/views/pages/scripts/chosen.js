// What the page knows of its trials, which of them are chosen, and which one is picked.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const make = (tag, name, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
};
const inSvg = (tag, name) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  made.setAttribute("class", name);
  return made;
};

// A row: number, mark, cells, keys, place in the front's plane or 0, kind, lanes.
const rows = data.rows.map(([number, mark, cells, keys, place, kind, lanes], index) => ({
  index, number, mark, cells, keys, place, kind, lanes, label: cells[0],
  text: cells.join(" ").toLowerCase().replaceAll("\u00a0", " "),
}));
const trials = rows.filter((row) => row.kind !== "baseline");
const placed = rows.filter((row) => row.place);
const byNumber = new Map(rows.map((row) => [String(row.number), row]));

const wanted = { words: "", state: "", box: null, lanes: new Map() };
let chosen = new Set(rows);
let picked = null;
const short = (pixels) => Math.round(pixels * 10) / 10;
const listeners = [];  // of what is chosen
const pickers = [];  // of what is picked
let hover = () => {};  // shows a row that is pointed at, where there is a picture

const within = (row) => {
  const { box, state, lanes, words } = wanted;
  if (state === "front" && row.mark !== "front") return false;
  if (state && state !== "front" && row.mark !== state &&
      !(state === "done" && row.mark === "front")) return false;
  if (box) {
    if (!row.place) return false;
    const [u, v] = row.place;
    if (u < box[0] || u > box[2] || v < box[1] || v > box[3]) return false;
  }
  for (const [lane, [low, high]] of lanes) {
    const at = row.lanes && row.lanes[lane];
    if (at === null || at === undefined || at < low || at > high) return false;
  }
  return words.split(/\s+/).every((word) => row.text.includes(word));
};
const choose = () => {
  chosen = new Set(rows.filter(within));
  for (const tell of listeners) tell();
};
const chooseAll = () => {
  Object.assign(wanted, { words: "", state: "", box: null });
  wanted.lanes.clear();
  choose();
};
const isAll = () =>
  !wanted.words && !wanted.state && !wanted.box && wanted.lanes.size === 0;

const pick = (row, from) => {
  picked = row;
  const place = row ? `#trial-${row.number}` : location.pathname + location.search;
  try {
    history.replaceState(null, "", place);
  } catch { /* a page without an address of its own */ }
  for (const tell of pickers) tell(from);
};

// The picked trial, always in sight.
const card = make("aside", "card");
card.setAttribute("role", "status");
card.hidden = true;
document.body.append(card);
const button = (text, act) => {
  const made = make("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};
const facts = (row, most) => {
  const list = make("dl", "");
  data.columns.forEach(([title], at) => {
    if (!at || at > most || row.cells[at] === "-") return;
    list.append(make("dt", "", title), make("dd", "", row.cells[at]));
  });
  return list;
};
const named = (row) =>
  row.kind === "baseline" ? `baseline ${row.label}` : `trial ${row.label}`;
pickers.push((from) => {
  card.hidden = !picked;
  // It covers neither the point that was picked nor the first columns of the table.
  card.classList.toggle("left", from === "front" && picked?.place[0] > 0.6);
  card.replaceChildren();
  if (!picked) return;
  const acts = make("p", "acts");
  if (picked.place) {
    acts.append(button("in the front", () =>
      byId("front").scrollIntoView({ block: "center" })));
  }
  if (picked.kind !== "baseline") {
    acts.append(button("in the table", () => showInTable(picked)));
  }
  acts.append(button("close", () => pick(null)));
  card.append(make("h3", "", named(picked)), facts(picked, Infinity), acts);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (picked) pick(null);
  else if (!isAll()) chooseAll();
});
const followAddress = () => {
  const row = byNumber.get(location.hash.replace("#trial-", ""));
  if (!row) return;
  pick(row, "address");
  showInTable(row);
};
window.addEventListener("hashchange", followAddress);
queueMicrotask(followAddress);  // once all parts of the page are there
