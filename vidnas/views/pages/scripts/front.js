// The picture of the front: points under a pointer or the arrow keys, and a box of some.
const front = byId("front");
const NEAR = 24;  // pixels of the screen between a pointer and what it means
const pictures = [...front.querySelectorAll("svg[data-plane]")].map((svg) => {
  const [left, top, width, height] = svg.dataset.plane.split(" ").map(Number);
  const dots = svg.querySelector(".dots");
  const faint = inSvg("path", `${dots?.getAttribute("class")} faint`), halo = inSvg("circle", "halo");
  const box = inSvg("rect", "box");
  halo.setAttribute("r", 10);
  if (dots) dots.before(faint);
  svg.append(box, halo);
  const at = ([u, v]) => [left + u * width, top + (1 - v) * height];
  return { svg, left, top, width, height, dots, faint, halo, box, at };
});
const tip = make("div", "tip");
tip.hidden = true;
front.querySelector(".stage").append(tip);

const mark = ({ halo, at }, row) => {
  halo.style.display = row?.place ? "block" : "none";
  if (!row?.place) return;
  const [x, y] = at(row.place);
  halo.setAttribute("cx", x);
  halo.setAttribute("cy", y);
};
hover = (row) => {
  for (const picture of pictures) mark(picture, row || picked);
};
pickers.push(() => hover(null));

const seen = () => pictures.find(({ svg }) => svg.getBoundingClientRect().width > 0);
const onScreen = (event, { svg }) => {  // in the picture's own pixels
  const place = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / place.width;
  return [(event.clientX - place.left) * scale, (event.clientY - place.top) * scale, scale];
};
const nearest = (event, picture, reach) => {
  const [x, y, scale] = onScreen(event, picture);
  let best = null, least = (reach * scale) ** 2;
  for (const row of placed) {
    if (!chosen.has(row)) continue;
    const [px, py] = picture.at(row.place);
    // What stands out is meant before what lies around it.
    const far = ((px - x) ** 2 + (py - y) ** 2) * (row.kind === "dot" ? 1 : 0.5);
    if (far < least) [best, least] = [row, far];
  }
  return best;
};
const showTip = (row, picture) => {
  tip.hidden = !row;
  if (!row) return;
  tip.replaceChildren(make("b", "", named(row)), facts(row, data.brief));
  const stage = front.querySelector(".stage").getBoundingClientRect();
  const place = picture.svg.getBoundingClientRect();
  const scale = place.width / picture.svg.viewBox.baseVal.width;
  const [x, y] = picture.at(row.place).map((value) => value * scale);
  const left = place.left - stage.left + x, top = place.top - stage.top + y;
  const wide = tip.offsetWidth, high = tip.offsetHeight;
  tip.style.left = `${Math.max(0, left + (left + wide + 24 > stage.width ? -wide - 16 : 16))}px`;
  tip.style.top = `${Math.max(0, Math.min(top - high / 2, stage.height - high))}px`;
};
const drawBox = (box) => {
  for (const picture of pictures) {
    picture.box.style.display = box ? "block" : "none";
    if (!box) continue;
    const [x, y] = picture.at([box[0], box[3]]), [right, low] = picture.at([box[2], box[1]]);
    picture.box.setAttribute("x", x);
    picture.box.setAttribute("y", y);
    picture.box.setAttribute("width", Math.max(0, right - x));
    picture.box.setAttribute("height", Math.max(0, low - y));
  }
};
const shares = (event, { svg, left, top, width, height }) => {
  const [x, y] = onScreen(event, { svg });
  const hold = (share) => Math.max(0, Math.min(1, share));
  return [hold((x - left) / width), hold(1 - (y - top) / height)];
};

for (const picture of pictures) {
  let from = null, first = null;
  const boxTo = (event) => {
    const [u, v] = shares(event, picture);
    // A finger that scrolls moves up and down, so its box has the whole height.
    const [low, high] = event.pointerType === "touch" ? [0, 1] : [Math.min(v, first[1]), Math.max(v, first[1])];
    return [Math.min(u, first[0]), low, Math.max(u, first[0]), high];
  };
  const isDrag = (event) => Math.hypot(event.clientX - from[0], event.clientY - from[1]) > 6;
  let dragging = false;
  picture.svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    from = [event.clientX, event.clientY];
    first = shares(event, picture);
    dragging = false;
  });
  picture.svg.addEventListener("pointermove", (event) => {
    if (from && (dragging || isDrag(event))) {
      if (!dragging) picture.svg.setPointerCapture(event.pointerId);
      dragging = true;
      showTip(null);
      drawBox(boxTo(event));
      return;
    }
    if (event.pointerType === "touch") return;
    const row = nearest(event, picture, NEAR);
    hover(row);
    showTip(row, picture);
    picture.svg.style.cursor = row ? "pointer" : "crosshair";
  });
  picture.svg.addEventListener("pointerup", (event) => {
    if (!from) return;
    if (dragging) {
      wanted.box = boxTo(event);
      choose();
    } else {
      const row = nearest(event, picture, event.pointerType === "touch" ? 1.5 * NEAR : NEAR);
      if (row) pick(row, "front");
      else if (wanted.box) { wanted.box = null; choose(); } else pick(null);
    }
    from = null;
  });
  picture.svg.addEventListener("pointercancel", () => { from = null; drawBox(wanted.box); });
  picture.svg.addEventListener("pointerleave", () => { hover(null); showTip(null); });
}

const count = make("p", "count");
count.hidden = true;
front.append(count);
listeners.push(() => {
  drawBox(wanted.box);
  count.hidden = isAll();
  count.replaceChildren(`${[...chosen].filter((row) => row.kind !== "baseline").length} of ${trials.length} trials chosen `,
    button("all trials", chooseAll), " ", button("in the table", () => byId("table").scrollIntoView({ block: "center" })));
  for (const { svg, dots, faint, at } of pictures) {
    const path = (isChosen) => placed
      .filter((row) => row.kind === "dot" && chosen.has(row) === isChosen)
      .map((row) => at(row.place).map(short)).map(([x, y]) => `M${x} ${y}h0`).join("");
    if (dots) {
      dots.setAttribute("d", path(true));
      faint.setAttribute("d", path(false));
    }
    for (const one of svg.querySelectorAll("[data-trial]")) {
      one.classList.toggle("faint", !chosen.has(byNumber.get(one.dataset.trial)));
    }
  }
});

// Arrow keys: along the front, and up and down through all trials by their cost.
front.tabIndex = 0;
front.setAttribute("role", "group");
front.setAttribute("aria-label",
  "The front. Left and right go along it, up and down through all trials, Enter shows the trial in the table.");
const byCost = [...placed].sort((a, b) => a.place[0] - b.place[0]);
const MOVES = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };
front.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && picked) {
    event.preventDefault();
    if (picked.kind !== "baseline") showInTable(picked);
  }
  if (!(event.key in MOVES)) return;
  event.preventDefault();
  const along = event.key === "ArrowRight" || event.key === "ArrowLeft";
  const walked = byCost.filter((row) => chosen.has(row) && (!along || row.mark === "front"));
  if (!walked.length) return;
  const here = picked?.place ? picked.place[0] : -Infinity, step = MOVES[event.key];
  const at = walked.indexOf(picked);
  let next = at + step;
  if (at < 0) {
    const after = walked.findIndex((row) => row.place[0] > here);
    next = step > 0 ? (after < 0 ? walked.length - 1 : after) : (after < 0 ? walked.length : after) - 1;
  }
  pick(walked[Math.max(0, Math.min(walked.length - 1, next))], "front");
});
hover(null);
