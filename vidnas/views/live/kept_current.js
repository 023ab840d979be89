// Shows the page again from time to time, as its reader left it.
(() => {
  const byId = (id) => document.getElementById(id);
  const live = JSON.parse(byId("vl-facts").textContent);
  const said = byId("vl-when").querySelector("output");
  const pause = byId("vl-pause");
  const KEY = `vidnas ${location.pathname}${location.search}`;
  const QUIET = 4000;  // time without a touch before the page may move [ms]
  const SAME = 5;  // equal pages in a row after which nobody writes them any more
  const fields = () => [...document.querySelectorAll("main input[id], main select[id]")];
  const sorted = () => document.querySelector("#table th[aria-sort]");

  let left = {};
  try {
    left = JSON.parse(sessionStorage.getItem(KEY)) || {};
    sessionStorage.removeItem(KEY);
  } catch { /* a reader who keeps nothing */ }
  let paused = Boolean(left.paused);
  const same = left.written === live.written ? (left.same || 0) + 1 : 0;

  const keep = () => {
    const head = sorted();
    const state = {
      paused, same, written: live.written, top: scrollY, left: scrollX,
      fields: Object.fromEntries(fields().map((field) => [field.id, field.value])),
      sort: head && [head.cellIndex, head.getAttribute("aria-sort")],
      within: byId("table")?.scrollTop || 0,
      open: [...document.querySelectorAll("details")].map((one) => one.open),
    };
    try { sessionStorage.setItem(KEY, JSON.stringify(state)); } catch { /* as above */ }
  };
  const giveBack = () => {
    document.querySelectorAll("details").forEach((one, at) => {
      if (left.open?.[at] !== undefined) one.open = left.open[at];
    });
    if (left.sort) {
      const head = document.querySelectorAll("#table thead th")[left.sort[0]];
      for (let n = 0; n < 2 && head?.getAttribute("aria-sort") !== left.sort[1]; n++) {
        head?.querySelector("button")?.click();
      }
    }
    for (const field of fields()) {
      const value = left.fields?.[field.id];
      if (value === undefined || value === field.value) continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (left.within && byId("table")) byId("table").scrollTop = left.within;
    if (left.top !== undefined) scrollTo(left.left, left.top);
  };

  let touched = -Infinity;
  const touch = () => { touched = performance.now(); };
  for (const kind of ["pointermove", "pointerdown", "wheel", "keydown", "touchmove"]) {
    addEventListener(kind, touch, { passive: true });
  }
  // A box drawn in the front is not kept, so it is not taken away either.
  const isBoxed = () => {
    const all = byId("all");
    return Boolean(all && !all.hidden && !byId("words")?.value && !byId("state")?.value);
  };
  const isInUse = () =>
    performance.now() - touched < QUIET || String(getSelection()) !== "" || isBoxed();
  const reload = () => { keep(); location.reload(); };

  const words = () => {
    if (same >= SAME) return `as of ${live.written}; no longer kept current`;
    if (paused) return `as of ${live.written}; paused`;
    return `as of ${live.written}, every ${Math.round(live.seconds)} s`;
  };
  const tell = () => {
    said.textContent = words();
    pause.textContent = paused ? "go on" : "pause";
  };
  const ask = async () => {  // the board: whether anything is new
    const answer = await fetch(live.ask, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const told = await answer.json();
    const now = byId("vl-now");
    if (now.dataset.told !== told.now) {
      const isOpen = now.querySelector("details")?.open;
      now.innerHTML = told.now;
      if (isOpen && now.querySelector("details")) now.querySelector("details").open = true;
      now.dataset.told = told.now;
    }
    return told.version !== live.version;
  };
  const look = async () => {
    if (paused || document.hidden) return;
    let isNew = true;
    if (live.ask) {
      try {
        isNew = await ask();
        tell();
      } catch {
        said.textContent = "the board does not answer";
        return;
      }
    } else if (same >= SAME) {
      return;
    }
    if (isNew && !isInUse()) reload();
  };

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    tell();
  });
  giveBack();
  tell();
  setInterval(look, 1000 * live.seconds);
})();
