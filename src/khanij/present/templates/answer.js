"use strict";
// What every page that shows an answer shares: tables that are sorted and filtered, and what a number tells of itself.
var khanij = (function () {
  function key(cell, numeric) {
    if (cell.dataset.v !== undefined) return cell.dataset.v === "" ? null : parseFloat(cell.dataset.v);
    var text = cell.textContent.trim();
    return numeric ? (isNaN(parseFloat(text)) ? null : parseFloat(text.replace(/,/g, ""))) : text;
  }
  function sort(table, column, down) {
    var heads = table.tHead.rows[0].cells, numeric = heads[column].classList.contains("num");
    var rows = Array.prototype.map.call(table.tBodies[0].rows, function (row, k) { return {row: row, key: key(row.cells[column], numeric), k: k}; });
    rows.sort(function (a, b) {
      if (a.key === null || b.key === null) return a.key === b.key ? a.k - b.k : a.key === null ? 1 : -1; // unknown always last
      var order = typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : String(a.key).localeCompare(String(b.key), "en", {numeric: true});
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
  // how tables are sorted and filtered stands in the address after "#~", so that a link shows the same
  var state = {};
  if (location.hash.slice(0, 2) === "#~") {
    location.hash.slice(2).split("&").forEach(function (part) {
      var pair = part.split("=").map(decodeURIComponent);
      state[pair[0]] = pair[1];
    });
  }
  function keep() {
    var parts = Object.keys(state).sort().filter(function (name) { return state[name]; }).map(function (name) {
      return encodeURIComponent(name) + "=" + encodeURIComponent(state[name]);
    });
    try { history.replaceState(null, "", parts.length ? "#~" + parts.join("&") : location.pathname + location.search); } catch (refused) { /* a file viewer may refuse */ }
  }
  function tables(root) {
    root.querySelectorAll(".grid").forEach(function (grid) {
      var table = grid.querySelector("table"), box = grid.querySelector(".filter input");
      if (!table) return;
      grid.querySelectorAll("thead button").forEach(function (button, column) {
        button.addEventListener("click", function () {
          var head = button.parentNode, now = head.getAttribute("aria-sort");
          var down = now === "none" ? head.classList.contains("num") : now === "ascending";
          sort(table, column, down);
          state[grid.id + ".sort"] = column + (down ? "d" : "a");
          keep();
        });
      });
      var stored = state[grid.id + ".sort"];
      if (stored && table.tHead.rows[0].cells[parseInt(stored, 10)]) sort(table, parseInt(stored, 10), stored.slice(-1) === "d");
      if (!box) return;
      box.addEventListener("input", function () { filter(table, box.value); state[grid.id + ".filter"] = box.value; keep(); });
      if (state[grid.id + ".filter"]) { box.value = state[grid.id + ".filter"]; filter(table, box.value); }
    });
  }
  // what the pointer tells, kept in view by a click, a tap or Enter; follow  makes a link of the command behind a number
  function telling(follow) {
    var tell = document.getElementById("tell"), from = null;
    function close() {
      tell.hidden = true;
      if (from && tell.contains(document.activeElement)) from.focus();
    }
    function show(cell) {
      tell.textContent = "";
      var row = cell.parentNode.querySelector("th"), heads = cell.closest("table").tHead.rows[0].cells;
      var lines = [(row ? row.textContent.trim() + ", " : "") + heads[cell.cellIndex].textContent.trim()].concat(cell.title.split(" · "));
      lines.forEach(function (line) {
        var p = document.createElement("p"), code = document.createElement("code");
        if (line.slice(0, 5) === "How: ") { code.textContent = line.slice(5); p.appendChild(follow(line.slice(5))); p.appendChild(code); }
        else p.textContent = line;
        tell.appendChild(p);
      });
      var button = document.createElement("button");
      button.type = "button"; button.textContent = "Close"; button.addEventListener("click", close);
      tell.appendChild(button);
      tell.hidden = false;
      from = cell;
    }
    document.addEventListener("click", function (event) {
      var cell = event.target.closest ? event.target.closest("td[title]") : null;
      if (!cell || event.target.closest("a")) { if (!tell.contains(event.target)) close(); return; }
      show(cell);
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") close();
      var at = document.activeElement, step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
      if (!at || !at.closest || !at.closest("tbody td")) return;
      if (event.key === "Enter" && at.title) { event.preventDefault(); show(at); tell.querySelector("button").focus(); }
      if (!step) return;
      var body = at.closest("tbody"), to = body.rows[at.parentNode.sectionRowIndex + step[0]];
      to = to && to.cells[at.cellIndex + step[1]];
      if (to && to.tagName === "TD") { event.preventDefault(); at.tabIndex = -1; to.tabIndex = 0; to.focus(); }
    });
  }
  function reachable(root) { // one number of each table is reached by Tab, the others from there by the arrows
    root.querySelectorAll(".grid table").forEach(function (table) {
      var first = table.querySelector("td[title]");
      if (first) first.tabIndex = 0;
    });
  }
  window.addEventListener("beforeprint", function () { // what is folded away is printed
    document.querySelectorAll("details.notes").forEach(function (one) { one.open = true; });
  });
  return {tables: function (root) { tables(root); reachable(root); }, telling: telling};
})();
