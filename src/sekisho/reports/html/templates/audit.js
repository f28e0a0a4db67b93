"use strict";
(() => {
  const table = document.getElementById("table");
  if (!table) return;

  const PAGE = 100;
  const PRINTED = 3000;
  const form = document.getElementById("filters");
  const chip = document.getElementById("chip");
  const state = document.getElementById("state");
  const none = document.getElementById("none");
  const pager = document.getElementById("pager");
  const pages = document.getElementById("pages");
  const previous = document.getElementById("previous");
  const next = document.getElementById("next");
  const number = new Intl.NumberFormat("en");

  // The rows in the page are the only copy of the data: taken out here, put back a page at a time.
  const all = Array.from(table.tBodies, (body, index) => ({ body, index, text: null, keys: {} }));
  for (const item of all) item.body.remove();
  let shown = all;
  let page = 0;
  let link = null; // {src, dst} or {cause}
  let sort = { column: 0, down: false };

  const textOf = (item) => (item.text ??= item.body.textContent.toLowerCase());

  function keyOf(item, column) {
    if (!(column in item.keys)) {
      const cell = item.body.rows[0].cells[column];
      item.keys[column] = "s" in cell.dataset ? Number(cell.dataset.s) : cell.textContent;
    }
    return item.keys[column];
  }

  const collator = new Intl.Collator("en", { numeric: true });

  function compare(a, b) {
    const x = keyOf(a, sort.column);
    const y = keyOf(b, sort.column);
    const order = typeof x === "number" ? x - y : collator.compare(x, y);
    return (sort.down ? -order : order) || a.index - b.index;
  }

  function matches(item) {
    const data = item.body.dataset;
    const field = form.elements;
    if (field.severity.value && data.sev !== field.severity.value) return false;
    if (field.verdict.value && data.ver !== field.verdict.value) return false;
    const site = field.site.value;
    if (site && data.src !== site && data.dst !== site) return false;
    if (field.undecided.checked && "decided" in data) return false;
    if (link && "cause" in link && data.cause !== link.cause) return false;
    if (link && "src" in link && (data.src !== link.src || data.dst !== link.dst)) return false;
    const words = field.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => textOf(item).includes(word));
  }

  function place(items) {
    for (const body of Array.from(table.tBodies)) body.remove();
    const fragment = document.createDocumentFragment();
    for (const item of items) fragment.append(prepared(item).body);
    table.append(fragment);
  }

  function prepared(item) {
    if (item.ready) return item;
    item.ready = true;
    const [row, more] = item.body.rows;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", `Evidence for ${item.body.id}`);
    row.cells[0].prepend(button);
    more.hidden = true;
    more.querySelector("details").open = true;
    return item;
  }

  function toggle(item, open) {
    const [row, more] = prepared(item).body.rows;
    more.hidden = !open;
    row.classList.toggle("opened", open);
    row.querySelector(".open").setAttribute("aria-expanded", String(open));
  }

  function draw() {
    const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
    page = Math.min(page, last);
    place(shown.slice(page * PAGE, (page + 1) * PAGE));
    none.hidden = shown.length > 0;
    pager.hidden = last === 0;
    pages.textContent = `Page ${page + 1} of ${last + 1}`;
    previous.disabled = page === 0;
    next.disabled = page === last;
    const whole = number.format(all.length);
    state.textContent = shown.length === all.length
      ? `${whole} finding${all.length === 1 ? "" : "s"}`
      : `${number.format(shown.length)} of ${whole} findings`;
    chip.hidden = !link;
    if (link) chip.textContent = "cause" in link ? "one cause ✕" : `${link.src} → ${link.dst} ✕`;
  }

  function apply() {
    shown = all.filter(matches).sort(compare);
    page = 0;
    draw();
  }

  function only(wanted) {
    link = wanted;
    apply();
    const section = document.getElementById("findings");
    section.scrollIntoView();
    section.focus({ preventScroll: true });
  }

  function reveal(id) {
    const item = all.find((candidate) => candidate.body.id === id);
    if (!item) return;
    if (shown.includes(item)) {
      show(item);
      return;
    }
    form.reset();
    setTimeout(() => show(item)); // after the reset has redrawn the first page
  }

  function show(item) {
    page = Math.floor(shown.indexOf(item) / PAGE);
    draw();
    toggle(item, true);
    item.body.scrollIntoView({ block: "center" });
    item.body.querySelector(".open").focus({ preventScroll: true });
  }

  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent.trim();
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const numeric = head.classList.contains("num");
      sort = { column, down: sort.column === column ? !sort.down : numeric };
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      apply();
    });
  });

  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr.row");
    if (!row || event.target.closest("a") || String(window.getSelection())) return;
    const item = all.find((candidate) => candidate.body === row.parentNode);
    toggle(item, item.body.rows[1].hidden);
  });
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest("a[data-src], a[data-cause]");
    if (anchor) {
      event.preventDefault();
      const { src, dst, cause } = anchor.dataset;
      only(cause === undefined ? { src, dst } : { cause });
    }
  });
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  form.addEventListener("reset", () => setTimeout(() => { link = null; apply(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  chip.addEventListener("click", () => { link = null; apply(); });
  previous.addEventListener("click", () => { page -= 1; draw(); table.scrollIntoView(); });
  next.addEventListener("click", () => { page += 1; draw(); table.scrollIntoView(); });
  // On paper nothing can be opened: causes and gaps are printed with what they hold.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll(".cause:not([open]), .gaps:not([open])"));
    for (const details of opened) details.open = true;
    place(shown.slice(0, PRINTED));
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    draw();
  });
  window.addEventListener("hashchange", () => reveal(location.hash.slice(1)));
  draw();
  table.classList.add("ready");
  if (location.hash.startsWith("#F-")) reveal(location.hash.slice(1));
})();
