// Draws the Plotly figures that came as JSON. Figures name colours by role ("var:--accent"); they are read from the
// style sheet here, so that a change of theme redraws them in its own colours.
(function () {
  "use strict";
  var CONFIG = { displayModeBar: false, responsive: true, showTips: false, doubleClick: false };

  function token(styles, name) {
    return styles.getPropertyValue(name).trim();
  }
  function coloured(value, styles) {
    if (typeof value === "string") return value.indexOf("var:--") === 0 ? token(styles, value.slice(4)) : value;
    if (Array.isArray(value)) return value.map(function (one) { return coloured(one, styles); });
    if (value && typeof value === "object") {
      return Object.keys(value).reduce(function (copy, key) {
        copy[key] = coloured(value[key], styles);
        return copy;
      }, {});
    }
    return value;
  }
  // The look every figure shares; what the figure itself says wins.
  function withDefaults(layout, styles) {
    var ink = token(styles, "--ink"), panel = token(styles, "--panel"), line = token(styles, "--line-2");
    var font = Object.assign({ family: token(styles, "--sans"), size: 12, color: token(styles, "--muted") }, layout.font);
    var shared = {
      margin: { l: 40, r: 12, t: 8, b: 28 }, dragmode: false, showlegend: false, separators: ".",
      hoverlabel: { bgcolor: panel, bordercolor: line, font: { family: font.family, size: 12, color: ink } }
    };
    var full = Object.assign({}, shared, layout, { font: font, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true });
    delete full.template;
    delete full.width;
    delete full.height;
    Object.keys(Object.assign({ xaxis: {}, yaxis: {} }, full)).forEach(function (key) {
      if (!/^[xy]axis\d*$/.test(key)) return;
      full[key] = Object.assign({
        fixedrange: true, zeroline: false, gridcolor: token(styles, "--line"), linecolor: line, tickcolor: line
      }, full[key]);
    });
    return full;
  }
  function address(data) {
    var target = Array.isArray(data) ? data[0] : data;
    return typeof target === "string" && /^[/?]/.test(target) && target.indexOf("//") !== 0 ? target : "";
  }
  // Lets print.css scale the drawing to the width of the paper.
  function scalable(plot) {
    var width = plot.clientWidth, height = plot.clientHeight;
    plot.style.setProperty("--shape", width + " / " + height);
    plot.querySelectorAll(".main-svg").forEach(function (drawing) { drawing.setAttribute("viewBox", "0 0 " + width + " " + height); });
  }
  function draw(plot) {
    var source = document.getElementById(plot.dataset.chart);
    var figure = JSON.parse(source.textContent);
    var styles = getComputedStyle(document.documentElement);
    var layout = withDefaults(coloured(figure.layout || {}, styles), styles);
    return window.Plotly.react(plot, coloured(figure.data, styles), layout, CONFIG).then(function () {
      if (plot.dataset.drawn) return;
      plot.dataset.drawn = "true";
      scalable(plot);
      plot.on("plotly_afterplot", function () { scalable(plot); });
      plot.on("plotly_click", function (event) {
        var url = address(event.points[0].customdata);
        if (url) window.location.assign(url);
      });
      plot.on("plotly_hover", function (event) {
        var clickable = Boolean(address(event.points[0].customdata));
        plot.querySelectorAll(".draglayer .drag").forEach(function (area) { area.style.cursor = clickable ? "pointer" : ""; });
      });
    });
  }
  function settle(plot, drawn) {
    var twin = plot.parentNode.querySelector(".twin");
    plot.classList.toggle("is-failed", !drawn);
    if (!twin) return;
    if (!twin.classList.contains("is-ready")) twin.open = !drawn;
    twin.classList.add("is-ready");
  }
  function start(root) {
    root.querySelectorAll(".plot[data-chart]").forEach(function (plot) {
      if (!window.Plotly) return settle(plot, false);
      try {
        draw(plot).then(function () { settle(plot, true); }, function () { settle(plot, false); });
      } catch (broken) {
        settle(plot, false); // the table still says everything
      }
    });
  }

  document.addEventListener("themechange", function () { if (window.Plotly) start(document); });
  document.addEventListener("htmx:afterSettle", function (event) { start(event.target); });
  start(document);
})();
