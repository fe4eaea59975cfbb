"use strict";
// Figures, tables, parts that come later and runs that take long. Every page works without it, by links and forms.
(function () {
  var config = {displaylogo: false, responsive: true, modeBarButtons: [["toImage"]]};
  var loading = null;

  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function script(address) {
    return new Promise(function (done, failed) {
      var tag = document.createElement("script");
      tag.src = address; tag.onload = done; tag.onerror = failed;
      document.head.appendChild(tag);
    });
  }
  function plotly() {
    var version = document.body.dataset.version;
    loading = loading || script("/static/outlines.js?v=" + version).then(function () { return script("/static/plotly.js?v=" + version); });
    return loading;
  }
  function darken(data, layout, ink) { // words that stand on the page itself, not on a bar or mark
    data.forEach(function (trace) {
      if (trace.type === "sankey" || trace.type === "scatter") trace.textfont = Object.assign({}, trace.textfont, {color: ink});
      if (trace.colorbar) trace.colorbar.tickfont = trace.colorbar.titlefont = {color: ink};
    });
    Object.keys(layout).forEach(function (key) {
      if (!/^[xy]axis/.test(key)) return;
      layout[key].tickfont = Object.assign({}, layout[key].tickfont, {color: ink});
      if (layout[key].title && layout[key].title.font) layout[key].title.font = Object.assign({}, layout[key].title.font, {color: ink});
    });
    (layout.annotations || []).forEach(function (note) { note.font = Object.assign({}, note.font, {color: ink}); });
    if (layout.legend) layout.legend = Object.assign({}, layout.legend, {font: Object.assign({}, layout.legend.font, {color: ink})});
  }
  function draw(plot) {
    var held = plot.closest(".part").querySelector("script[type='application/json']");
    if (!held || plot.dataset.drawn) return;
    plot.dataset.drawn = "yes";
    plotly().then(function () {
      var figure = JSON.parse(held.textContent)[plot.dataset.figure], layout = Object.assign({}, figure.layout);
      var ink = colour("--ink"), rule = colour("--rule"), axis = {gridcolor: rule, zerolinecolor: rule, linecolor: rule};
      layout.paper_bgcolor = "rgba(0,0,0,0)"; layout.plot_bgcolor = "rgba(0,0,0,0)";
      layout.font = Object.assign({}, layout.font, {color: ink});
      Object.keys(layout).forEach(function (key) { if (/^[xy]axis/.test(key)) layout[key] = Object.assign({}, layout[key], axis); });
      if (matchMedia("(prefers-color-scheme: dark)").matches) darken(figure.data, layout, ink);
      return Plotly.newPlot(plot, figure.data, layout, config);
    });
  }

  // tables: sort by any column, filter the rows that are here
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
  function grids(root) {
    root.querySelectorAll(".grid").forEach(function (grid) {
      var table = grid.querySelector("table"), box = grid.querySelector("input");
      if (!table) return;
      grid.querySelectorAll("thead button").forEach(function (button, column) {
        button.addEventListener("click", function () {
          var head = button.parentNode, numeric = head.classList.contains("num"), now = head.getAttribute("aria-sort");
          sort(table, column, now === "none" ? numeric : now === "ascending");
        });
      });
      if (box) box.addEventListener("input", function () { filter(table, box.value); });
    });
  }

  // parts of a page that come later
  function place(part, html) {
    part.innerHTML = html; // made by this server, whose templates escape what people typed
    part.removeAttribute("aria-busy");
    begin(part);
  }
  function load(part) {
    part.setAttribute("aria-busy", "true");
    fetch(part.dataset.load, {headers: {Accept: "text/html"}}).then(function (answer) { return answer.text(); })
      .then(function (html) { place(part, html); })
      .catch(function () { part.removeAttribute("aria-busy"); });
  }
  function follow(part) { // a run that takes long: asked after until it is over
    var wait = 700;
    (function again() {
      setTimeout(function () {
        if (!part.isConnected) return;
        fetch(part.dataset.follow).then(function (answer) { return answer.json(); }).then(function (job) {
          var bar = part.querySelector("progress"), said = part.querySelector("[data-said]");
          if (bar && job.part !== null) bar.value = job.part;
          if (said) said.textContent = job.said || job.state;
          if (["done", "failed", "cancelled"].indexOf(job.state) < 0) { wait = Math.min(wait * 1.2, 4000); again(); return; }
          var home = part.closest("[data-load]");
          if (home) load(home); else location.reload();
        }).catch(function () { wait = 4000; again(); });
      }, wait);
    })();
  }
  function send(form, event) { // begin or cancel a run without leaving the page
    var home = form.closest("[data-load]");
    if (!home) return;
    event.preventDefault();
    fetch(form.action, {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: new URLSearchParams(new FormData(form))}).then(function () { load(home); });
  }
  function begin(root) {
    grids(root);
    var base = location.origin;
    root.querySelectorAll("[data-snippet]").forEach(function (pre) { pre.textContent = pre.textContent.replace("{base}", base); });
    var plots = root.querySelectorAll(".plot");
    if ("IntersectionObserver" in window) {
      var seen = new IntersectionObserver(function (entries) {
        entries.forEach(function (entry) { if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); } });
      }, {rootMargin: "400px"});
      plots.forEach(function (plot) { seen.observe(plot); });
    } else plots.forEach(draw);
    root.querySelectorAll("[data-load]").forEach(load);
    root.querySelectorAll("[data-follow]").forEach(follow);
    root.querySelectorAll("form[data-send]").forEach(function (form) { form.addEventListener("submit", function (event) { send(form, event); }); });
    root.querySelectorAll("input[type=range]").forEach(function (slider) {
      var shown = document.querySelector('output[for="' + slider.id + '"]');
      slider.addEventListener("input", function () { if (shown) shown.textContent = slider.value; });
      slider.addEventListener("change", function () { slider.form.requestSubmit(); });
    });
  }

  // an address without fields that were left empty
  document.querySelectorAll("form[method=get]").forEach(function (form) {
    form.addEventListener("submit", function () {
      form.querySelectorAll("input, select").forEach(function (field) { if (!field.value && field.name) field.disabled = true; });
    });
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form [disabled]").forEach(function (field) { field.disabled = false; });
  });

  // what the pointer tells, kept in view by a click or a tap
  var tell = document.getElementById("tell");
  function close() { tell.hidden = true; }
  document.addEventListener("click", function (event) {
    var cell = event.target.closest ? event.target.closest("td[title]") : null;
    if (!cell || event.target.closest("a")) { if (!tell.contains(event.target)) close(); return; }
    tell.textContent = "";
    var row = cell.parentNode.querySelector("th"), heads = cell.closest("table").tHead.rows[0].cells;
    var lines = [(row ? row.textContent.trim() + ", " : "") + heads[cell.cellIndex].textContent.trim()].concat(cell.title.split(" · "));
    lines.forEach(function (line) {
      var p = document.createElement("p");
      if (line.slice(0, 5) === "How: ") {
        var a = document.createElement("a"), code = document.createElement("code");
        a.href = "/go?command=" + encodeURIComponent(line.slice(5)); a.textContent = "Why is it so? ";
        code.textContent = line.slice(5);
        p.appendChild(a); p.appendChild(code);
      } else p.textContent = line;
      tell.appendChild(p);
    });
    var button = document.createElement("button");
    button.type = "button"; button.textContent = "Close"; button.addEventListener("click", close);
    tell.appendChild(button);
    tell.hidden = false;
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") close();
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); document.getElementById("search").focus(); }
  });
  begin(document);
})();
