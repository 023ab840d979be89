// The table of all trials: sorted, filtered, and of very many only what is in sight.
const WHOLE = 500;  // rows up to which all of them are in the page
const BEYOND = 20;  // rows above and below what is in sight
const holder = byId("table");
const table = holder.querySelector("table");
const body = table.tBodies[0];
const heads = [...table.tHead.rows[0].cells];
const order = new Intl.Collator(undefined, { numeric: true });
let sorting = { column: 0, rising: true };
let listed = trials;
let high = 0;  // height of a row [pixels]
const numberAt = data.columns.map(([, isNumber]) => isNumber);
const keyAt = numberAt.map((isNumber, at) =>
  isNumber ? numberAt.slice(0, at).filter(Boolean).length : -1);

const cellsOf = (cells, name) => {
  const line = make("tr", name);
  cells.forEach((text, at) => {
    const cell = make("td", numberAt[at] ? "n" : "", text);
    if (text.length > 24) cell.title = text;
    line.append(cell);
  });
  return line;
};
const lineOf = (row) => {
  const line = cellsOf(row.cells, row.mark);
  line.id = `row-${row.number}`;
  line.dataset.trial = row.number;
  line.tabIndex = -1;
  if (row === picked) line.setAttribute("aria-selected", "true");
  return line;
};
const spacer = (lines) => {
  const line = make("tr", "space");
  line.style.height = `${lines * high}px`;
  line.setAttribute("aria-hidden", "true");
  return line;
};
const span = () => {  // the rows that are in the page
  if (listed.length <= WHOLE) return [0, listed.length];
  const first = Math.floor(holder.scrollTop / high) - BEYOND;
  const last = first + Math.ceil(holder.clientHeight / high) + 2 * BEYOND;
  return [Math.max(0, first), Math.min(listed.length, Math.max(last, 0))];
};
let drawnSpan = "";
let isPrinting = false;
const draw = (isNew = true) => {
  if (isPrinting) return;
  const [first, last] = span();
  if (!isNew && drawnSpan === `${first} ${last}`) return;
  drawnSpan = `${first} ${last}`;
  const focused = document.activeElement?.dataset?.trial;
  const lines = listed.slice(first, last).map(lineOf);
  if (first > 0) lines.unshift(spacer(first));
  if (last < listed.length) lines.push(spacer(listed.length - last));
  body.replaceChildren(...lines);
  const active = body.querySelector("[aria-selected]") || body.querySelector("[data-trial]");
  if (active) active.tabIndex = 0;
  if (focused !== undefined) byId(`row-${focused}`)?.focus({ preventScroll: true });
};

const compare = (a, b) => {
  const at = sorting.column, sign = sorting.rising ? 1 : -1;
  if (!numberAt[at]) return sign * order.compare(a.cells[at], b.cells[at]) || a.index - b.index;
  const left = a.keys[keyAt[at]], right = b.keys[keyAt[at]];
  if (left === null || right === null) {  // what has no number comes last either way
    return (left === null) - (right === null) || a.index - b.index;
  }
  return sign * (left - right) || a.index - b.index;
};
const list = () => {
  listed = trials.filter((row) => chosen.has(row)).sort(compare);
  byId("shown").textContent = `${listed.length} of ${trials.length}`;
  byId("all").hidden = isAll();
  byId("words").value = wanted.words;
  byId("state").value = wanted.state;
  holder.setAttribute("aria-rowcount", listed.length);
  draw();
};
listeners.push(() => { holder.scrollTop = 0; list(); });

heads.forEach((head, column) => {
  const sorter = button(head.textContent, () => {
    const again = sorting.column === column;
    // Numbers of accuracy are wanted largest first, costs smallest first.
    const rising = again ? !sorting.rising : column !== data.accuracy;
    sorting = { column, rising };
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    holder.scrollTop = 0;
    list();
  });
  head.replaceChildren(sorter);
});

const showRow = (row) => {  // scrolls the table, never the page
  const at = listed.indexOf(row);
  if (at < 0) return null;
  const shown = listed.length <= WHOLE;
  const top = shown ? byId(`row-${row.number}`).offsetTop : at * high;
  holder.scrollTop = top - holder.clientHeight / 2;
  draw(false);
  return byId(`row-${row.number}`);
};
const showInTable = (row) => {
  if (!chosen.has(row)) chooseAll();
  const line = showRow(row);
  holder.scrollIntoView({ block: "nearest" });
  line?.focus({ preventScroll: true });
};
pickers.push((from) => {
  if (picked && from !== "table") showRow(picked);
  draw();
});

const rowOf = (event) => byNumber.get(event.target.closest("tr")?.dataset.trial);
body.addEventListener("click", (event) => {
  const row = rowOf(event);
  if (row && !String(getSelection())) pick(row === picked ? null : row, "table");
});
body.addEventListener("pointerover", (event) => hover(rowOf(event) || null));
body.addEventListener("pointerleave", () => hover(null));
body.addEventListener("focusin", (event) => hover(rowOf(event) || null));
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
body.addEventListener("keydown", (event) => {
  const row = rowOf(event);
  if (!row) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    pick(row === picked ? null : row, "table");
  } else if (event.key in STEPS) {
    event.preventDefault();
    const at = listed.indexOf(row) + STEPS[event.key];
    const next = listed[Math.max(0, Math.min(listed.length - 1, at))];
    const line = showRow(next);
    line?.focus({ preventScroll: true });
  }
});

byId("words").addEventListener("input", (event) => {
  wanted.words = event.target.value.toLowerCase();
  choose();
});
for (const [value, words] of data.states) {
  const option = make("option", "", words);
  option.value = value;
  byId("state").append(option);
}
byId("state").addEventListener("input", (event) => {
  wanted.state = event.target.value;
  choose();
});
byId("all").addEventListener("click", chooseAll);
document.querySelector(".filter").hidden = false;

// Columns keep their widths whatever is listed: those of their longest words.
const longest = data.columns.map((_, at) =>
  trials.reduce((most, row) => (row.cells[at].length > most.length ? row.cells[at] : most), ""));
const fix = () => {
  table.style.tableLayout = "auto";
  for (const head of heads) head.style.width = "";
  body.replaceChildren(cellsOf(longest, ""));
  // Letters differ in width, so the longest word is not always the widest.
  const widths = heads.map((head, at) =>
    head.getBoundingClientRect().width * (numberAt[at] ? 1 : 1.08));
  high = body.rows[0]?.getBoundingClientRect().height || 32;
  heads.forEach((head, at) => { head.style.width = `${widths[at]}px`; });
  table.style.width = `${widths.reduce((sum, one) => sum + one, 0)}px`;
  table.style.tableLayout = "fixed";
};
holder.classList.add("live");
fix();
holder.addEventListener("scroll", () => draw(false), { passive: true });
heads[0].setAttribute("aria-sort", "ascending");
list();

// Paper has no scroll bar: it gets the first rows of what is chosen, and words.
window.addEventListener("beforeprint", () => {
  isPrinting = true;
  table.style.tableLayout = "auto";
  body.replaceChildren(...listed.slice(0, WHOLE).map(lineOf));
});
window.addEventListener("afterprint", () => {
  isPrinting = false;
  table.style.tableLayout = "fixed";
  draw();
});
