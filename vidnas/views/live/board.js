// Keeps the board as its studies stand, with what its reader ticked and looks for.
(() => {
  const byId = (id) => document.getElementById(id);
  const now = byId("now"), said = byId("said"), words = byId("words");
  const compare = byId("compare");
  const boxes = () => [...now.querySelectorAll("input[name=study]")];
  const ticked = () => boxes().filter((box) => box.checked).map((box) => box.value);
  let drawn = "";

  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/);
    for (const study of now.querySelectorAll("article")) {
      const text = study.dataset.study.toLowerCase();
      study.hidden = !wanted.every((word) => text.includes(word));
    }
    compare.disabled = ticked().length < 2;
  };
  // What did not change stays: a pointer on a point, a word that is selected.
  const key = (node) => node.dataset.study ?? node.className;
  const sync = (old, fresh) => {
    const before = [...old.children], after = [...fresh.children];
    if (before.map(key).join("\n") !== after.map(key).join("\n")) {
      old.replaceChildren(...after);
      return;
    }
    after.forEach((node, at) => {
      if (before[at].outerHTML === node.outerHTML) return;
      if (node.matches(".vl-pictures, .vl-cards")) sync(before[at], node);
      else before[at].replaceWith(node);
    });
  };
  const draw = (html) => {
    if (html === drawn) return;
    drawn = html;
    const focused = document.activeElement;
    const key = now.contains(focused) && (focused.value || focused.getAttribute("href"));
    const kind = focused.tagName;
    const fresh = document.createElement("main");
    fresh.innerHTML = html;
    sync(now, fresh);
    show();
    if (!key) return;
    const again = [...now.querySelectorAll(kind)].find(
      (one) => (one.value || one.getAttribute("href")) === key);
    again?.focus({ preventScroll: true });
  };
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams(ticked().map((name) => ["study", name]));
    try {
      const answer = await fetch(`/now?${query}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const told = await answer.json();
      if (mine !== asked) return;  // something else was ticked meanwhile
      draw(told.now);
      said.textContent = told.said;
    } catch {
      said.textContent = "the board does not answer";
    }
  };
  const keepAsking = async () => {
    if (!document.hidden && !String(getSelection())) await ask();
    setTimeout(keepAsking, 1000 * now.dataset.seconds);
  };

  byId("find").hidden = false;
  words.addEventListener("input", show);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  now.addEventListener("change", () => { show(); ask(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  show();
  keepAsking();
})();
