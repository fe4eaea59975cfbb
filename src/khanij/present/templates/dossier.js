"use strict";
(function () {
  var PAPER = 690; // width of A4 between the margins, in CSS pixels
  var config = {displaylogo: false, responsive: true, modeBarButtons: [["toImage"]]};
  var holder = document.getElementById("figures");
  var figures = holder ? JSON.parse(holder.textContent) : {};
  var plots = Array.prototype.slice.call(document.querySelectorAll(".plot"));

  function draw(plot, width) {
    if (typeof Plotly === "undefined") return;
    var figure = figures[plot.dataset.figure], layout = Object.assign({}, figure.layout);
    if (width) { layout.width = width; layout.autosize = false; }
    Plotly.purge(plot); // a diagram drawn anew appears at once; one that is resized fades in, too late for paper
    Plotly.newPlot(plot, figure.data, layout, config);
  }
  function drawAll(width) { plots.forEach(function (plot) { draw(plot, width); }); }
  if (holder) {
    drawAll(0);
    window.addEventListener("beforeprint", function () { drawAll(PAPER); });
    window.addEventListener("afterprint", function () { drawAll(0); });
  }

  // tables: sort by any column, filter long ones, keep both in the address after "#~"
  var state = {};
  function keep() {
    var parts = Object.keys(state).sort().filter(function (key) { return state[key]; }).map(function (key) {
      return encodeURIComponent(key) + "=" + encodeURIComponent(state[key]);
    });
    try { history.replaceState(null, "", parts.length ? "#~" + parts.join("&") : location.pathname + location.search); } catch (refused) { /* a file viewer may refuse */ }
  }
  function key(cell, numeric) {
    if (numeric || cell.dataset.v !== undefined) return cell.dataset.v === undefined || cell.dataset.v === "" ? null : parseFloat(cell.dataset.v);
    return cell.textContent.trim();
  }
  function sort(table, column, down) {
    var heads = table.tHead.rows[0].cells, numeric = heads[column].classList.contains("num");
    var rows = Array.prototype.slice.call(table.tBodies[0].rows).map(function (row, k) { return {row: row, key: key(row.cells[column], numeric), k: k}; });
    rows.sort(function (a, b) {
      if (a.key === null || b.key === null) return a.key === b.key ? a.k - b.k : a.key === null ? 1 : -1; // unknown always last
      var order = numeric ? a.key - b.key : a.key.localeCompare(b.key, "en", {numeric: true});
      return (down ? -order : order) || a.k - b.k;
    });
    rows.forEach(function (item) { table.tBodies[0].appendChild(item.row); });
    for (var k = 0; k < heads.length; k++) heads[k].setAttribute("aria-sort", k === column ? (down ? "descending" : "ascending") : "none");
  }
  function filter(table, words) {
    var wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
      var text = row.textContent.toLowerCase();
      row.hidden = !wanted.every(function (word) { return text.indexOf(word) >= 0; });
    });
  }
  // what the pointer tells, kept in view by a click or a tap
  var tell = document.getElementById("tell");
  function close() { tell.hidden = true; }
  document.addEventListener("click", function (event) {
    var cell = event.target.closest ? event.target.closest("td[title]") : null;
    if (!cell || (event.target.closest && event.target.closest("a"))) { if (!tell.contains(event.target)) close(); return; }
    tell.textContent = "";
    var row = cell.parentNode.querySelector("th"), heads = cell.closest("table").tHead.rows[0].cells;
    var lines = [(row ? row.textContent.trim() + ", " : "") + heads[cell.cellIndex].textContent.trim()].concat(cell.title.split(" · "));
    lines.forEach(function (line) {
      var p = document.createElement("p"), how = line.slice(0, 5) === "How: ";
      if (how) { p.textContent = "Follow it: "; var code = document.createElement("code"); code.textContent = line.slice(5); p.appendChild(code); }
      else p.textContent = line;
      tell.appendChild(p);
    });
    var button = document.createElement("button");
    button.type = "button"; button.textContent = "Close"; button.addEventListener("click", close);
    tell.appendChild(button);
    tell.hidden = false;
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") close(); });
  if (location.hash.slice(0, 2) === "#~") {
    location.hash.slice(2).split("&").forEach(function (part) {
      var pair = part.split("=").map(decodeURIComponent);
      state[pair[0]] = pair[1];
    });
  }
  document.querySelectorAll(".grid").forEach(function (grid) {
    var table = grid.querySelector("table"), box = grid.querySelector("input");
    if (!table) return;
    grid.querySelectorAll("thead button").forEach(function (button, column) {
      button.addEventListener("click", function () {
        var head = button.parentNode, numeric = head.classList.contains("num"), now = head.getAttribute("aria-sort");
        var down = now === "none" ? numeric : now === "ascending";
        sort(table, column, down);
        state[grid.id + ".sort"] = column + (down ? "d" : "a");
        keep();
      });
    });
    var stored = state[grid.id + ".sort"];
    if (stored && table.tHead.rows[0].cells[parseInt(stored, 10)]) sort(table, parseInt(stored, 10), stored.slice(-1) === "d");
    if (box) {
      box.addEventListener("input", function () { filter(table, box.value); state[grid.id + ".filter"] = box.value; keep(); });
      if (state[grid.id + ".filter"]) { box.value = state[grid.id + ".filter"]; filter(table, box.value); }
    }
  });
})();
