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
  khanij.tables(document);
  khanij.telling(function () { return document.createTextNode("Follow it: "); });
})();
