// Parallel axes of costs and choices: a line is a trial, a drag along an axis a choice.
const lanesBox = byId("lanes");
if (lanesBox && data.lanes.length > 1) {
  const MOST = 400;  // lines of trials beside the front: more are a grey wall
  document.querySelector(".lanes").hidden = false;
  const room = lanesBox.clientWidth / data.lanes.length;
  const HIGH = 190, TOP = 34, APART = Math.max(84, Math.min(220, room));
  const wide = APART * data.lanes.length;
  const svg = inSvg("svg", "parallel");
  svg.setAttribute("viewBox", `0 0 ${wide} ${HIGH + TOP + 24}`);
  svg.style.width = `${wide}px`;
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Costs and choices of the trials that are listed below.");
  const xOf = (lane) => APART * (lane + 0.5), yOf = (share) => TOP + (1 - share) * HIGH;
  // Trials of one choice pass side by side, each always at its own place.
  const beside = (row) => (((row.number * 0.618034) % 1) - 0.5) * 0.03;
  const placesOf = (row) => row.lanes.map((share, lane) =>
    (share === null ? null : [xOf(lane), yOf(share + beside(row))]));
  const pathOf = (row) => {
    let path = "", pen = "M";
    for (const place of row.placesInLanes) {
      if (!place) { pen = "M"; continue; }
      path += `${pen}${short(place[0])} ${short(place[1])}`;
      pen = "L";
    }
    return path;
  };
  const inLanes = trials.filter((row) => row.lanes.some((share) => share !== null));
  for (const row of inLanes) {
    row.placesInLanes = placesOf(row);
    row.inLanes = pathOf(row);
  }
  const more = make("p", "count");
  const others = inSvg("path", "thin"), best = inSvg("path", "curve"), one = inSvg("path", "this");
  svg.append(others, best, one);
  const words = (text, x, y, name) => {
    const made = inSvg("text", name);
    made.setAttribute("x", x);
    made.setAttribute("y", y);
    made.setAttribute("text-anchor", "middle");
    made.textContent = text;
    svg.append(made);
    return made;
  };
  const boxes = data.lanes.map(([name, low, high], lane) => {
    const x = xOf(lane), line = inSvg("path", "axis"), box = inSvg("rect", "box"), grip = inSvg("rect", "grip");
    line.setAttribute("d", `M${x} ${TOP}V${TOP + HIGH}`);
    const title = words(name, x, 12, "name");
    if (name.length * 7 > APART - 6) {
      title.setAttribute("textLength", APART - 6);
      title.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
    words(high, x, TOP - 6, "t");
    words(low, x, TOP + HIGH + 16, "t");
    box.setAttribute("x", x - 9);
    box.setAttribute("width", 18);
    grip.setAttribute("x", x - 16);
    grip.setAttribute("width", 32);
    grip.setAttribute("y", TOP - 8);
    grip.setAttribute("height", HIGH + 16);
    svg.append(line, box, grip);
    const shareOf = (event) => {
      const place = svg.getBoundingClientRect();
      const y = (event.clientY - place.top) * (svg.viewBox.baseVal.height / place.height);
      return Math.max(-0.02, Math.min(1.02, 1 - (y - TOP) / HIGH));
    };
    let from = null;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      from = shareOf(event);
    });
    const rangeTo = (event) => [from, shareOf(event)].sort((a, b) => a - b);
    grip.addEventListener("pointermove", (event) => {
      if (from === null) return;
      wanted.lanes.set(lane, rangeTo(event));
      drawRanges();
    });
    grip.addEventListener("pointercancel", () => { from = null; wanted.lanes.delete(lane); drawRanges(); });
    grip.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const range = rangeTo(event);
      if (range[1] - range[0] < 0.015) wanted.lanes.delete(lane);
      else wanted.lanes.set(lane, range);
      from = null;
      choose();
    });
    return box;
  });
  const drawRanges = () => boxes.forEach((box, lane) => {
    const range = wanted.lanes.get(lane);
    box.style.display = range ? "block" : "none";
    if (!range) return;
    box.setAttribute("y", yOf(range[1]));
    box.setAttribute("height", Math.max(2, (range[1] - range[0]) * HIGH));
  });
  const drawLines = () => {
    drawRanges();
    const shown = inLanes.filter((row) => chosen.has(row));
    const rest = shown.filter((row) => row.mark !== "front");
    const step = Math.max(1, rest.length / MOST);
    const thinned = Array.from({ length: Math.min(rest.length, MOST) }, (_, at) => rest[Math.floor(at * step)]);
    others.setAttribute("d", thinned.map((row) => row.inLanes).join(""));
    more.textContent = rest.length > MOST ? `Of ${rest.length} trials beside the front ${MOST} are drawn.` : "";
    best.setAttribute("d", shown.filter((row) => row.mark === "front").map((row) => row.inLanes).join(""));
  };
  listeners.push(drawLines);
  pickers.push(() => one.setAttribute("d", picked?.inLanes || ""));
  drawLines();
  lanesBox.append(svg);
  lanesBox.parentElement.after(more);
}
