"use strict";
(() => {
  const table = document.querySelector("#findings table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const words = document.getElementById("words");
  const kind = document.getElementById("kind");
  const shown = document.getElementById("shown");
  const filter = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = asked.every((word) => text.includes(word)) &&
        (!kind.value || row.cells[0].textContent === kind.value);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length}`;
  };
  words.addEventListener("input", filter);
  kind.addEventListener("input", filter);
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      const rising = cell.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const order = new Intl.Collator(undefined, { numeric: true });
      rows.sort((a, b) => (rising ? 1 : -1) *
        order.compare(a.cells[column].textContent, b.cells[column].textContent));
      body.append(...rows);
    });
  });
  document.querySelector(".filter").hidden = false;
  filter();
})();
