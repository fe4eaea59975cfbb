"use strict";
// After answer.js: figures, parts that come later and runs that take long. Every page works without it, by links and forms.
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
      if (trace.link) trace.link = Object.assign({}, trace.link, {color: trace.link.color.map(function (one) { return one.replace("15,92,110", "124,199,216").replace("181,84,28", "235,161,116"); })});
      if (trace.type === "choropleth" && trace.showscale === false && /^#e/i.test(trace.colorscale[0][1])) trace.colorscale = [[0, colour("--no")], [1, colour("--no")]]; // land
      if (trace.type === "choropleth" && trace.colorbar) trace.colorscale = trace.colorscale.map(function (step, k, all) { return [step[0], all[all.length - 1 - k][1]]; }); // more is further from the page
      if (trace.type === "choropleth") trace.marker = {line: {color: colour("--paper"), width: 0.4}};
      if (trace.type === "scattergeo" && trace.line) trace.line.color = trace.marker.color = colour(/^#b5541c/i.test(trace.line.color) ? "--warn" : "--muted"); // flows
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
    khanij.tables(root);
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

  // an address without fields that were left empty, and with codes for names
  function coded(field) {
    Array.prototype.some.call(field.list.options, function (option) {
      if (!option.dataset.code || option.value.toLowerCase() !== field.value.trim().toLowerCase()) return false;
      field.dataset.name = option.value; field.value = option.dataset.code;
      return true;
    });
  }
  document.querySelectorAll("form[method=get]").forEach(function (form) {
    form.addEventListener("submit", function () {
      form.querySelectorAll("input, select").forEach(function (field) {
        if (!field.value && field.name) field.disabled = true;
        else if (field.list) coded(field);
      });
    });
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form [disabled]").forEach(function (field) { field.disabled = false; });
    document.querySelectorAll("input[data-name]").forEach(function (field) { field.value = field.dataset.name; });
  });

  khanij.telling(function (command) {
    var a = document.createElement("a");
    a.href = "/go?command=" + encodeURIComponent(command); a.textContent = "Why is it so? ";
    return a;
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); document.getElementById("search").focus(); }
  });
  begin(document);
})();
