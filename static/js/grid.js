// A table marked data-grid is one stop of the Tab key: arrow keys move between its cells, Home and End along a row,
// with Ctrl to its corners; Enter follows the link. Without script every link is a stop of its own.
(function () {
  "use strict";
  function cellsOf(table) {
    return Array.from(table.rows).map(function (row) {
      return Array.from(row.cells).map(function (cell) { return cell.querySelector("a, span") || cell; });
    });
  }
  function placeOf(grid, element) {
    for (var row = 0; row < grid.length; row += 1) {
      var column = grid[row].indexOf(element);
      if (column >= 0) return { row: row, column: column };
    }
    return null;
  }
  function clamp(value, last) {
    return Math.min(Math.max(value, 0), last);
  }
  function target(grid, place, event) {
    var row = place.row, column = place.column, bottom = grid.length - 1, right = grid[row].length - 1;
    switch (event.key) {
      case "ArrowLeft": column -= 1; break;
      case "ArrowRight": column += 1; break;
      case "ArrowUp": row -= 1; break;
      case "ArrowDown": row += 1; break;
      case "Home": column = 0; row = event.ctrlKey ? 0 : row; break;
      case "End": column = right; row = event.ctrlKey ? bottom : row; break;
      default: return null;
    }
    return grid[clamp(row, bottom)][clamp(column, right)];
  }
  function start(table) {
    var grid = cellsOf(table), all = [].concat.apply([], grid);
    var current = grid[1] && grid[1][1];
    if (!current) return;
    table.setAttribute("role", "grid");
    table.setAttribute("aria-readonly", "true");
    // The box is no stop of its own any more: moving in the grid scrolls it.
    table.parentNode.removeAttribute("tabindex");
    all.forEach(function (element) { element.tabIndex = element === current ? 0 : -1; });
    function stand(element) {
      current.tabIndex = -1;
      current = element;
      current.tabIndex = 0;
    }
    table.addEventListener("focusin", function (event) {
      if (placeOf(grid, event.target)) stand(event.target);
    });
    table.addEventListener("keydown", function (event) {
      if (event.altKey || event.metaKey || event.shiftKey) return;
      var place = placeOf(grid, event.target);
      var next = place && target(grid, place, event);
      if (!next) return;
      event.preventDefault();
      stand(next);
      next.focus();
    });
  }
  document.querySelectorAll("table[data-grid]").forEach(start);
})();
