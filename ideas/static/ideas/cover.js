// Draws rectangles over a photo. The number fields hold them; without this script they are typed.
(function () {
  "use strict";
  var form = document.getElementById("cover-form");
  if (!form || !window.PointerEvent) return;
  var canvas = form.querySelector(".canvas");
  var body = form.querySelector("tbody");
  var width = Number(canvas.dataset.width);
  var height = Number(canvas.dataset.height);
  var names = ["left", "top", "width", "height"];
  var drawing = null;

  function fields(row) {
    return names.map(function (name) { return row.querySelector("[name=" + name + "]"); });
  }
  function rows() { return Array.prototype.slice.call(body.rows); }
  function isEmpty(row) { return fields(row).every(function (field) { return field.value === ""; }); }

  function freeRow() {
    var free = rows().find(isEmpty);
    if (free) return free;
    var last = body.rows[body.rows.length - 1];
    var row = last.cloneNode(true);
    var number = String(body.rows.length + 1);
    row.cells[0].textContent = number;
    fields(row).forEach(function (field) {
      field.value = "";
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+$/, number));
    });
    var hidden = row.querySelector(".visually-hidden");
    if (hidden) hidden.textContent = " " + number;
    return body.appendChild(row);
  }

  // The boxes follow the numbers, in parts of the picture so that they fit at every size.
  function show() {
    canvas.querySelectorAll(".box").forEach(function (box) { box.remove(); });
    rows().forEach(function (row, at) {
      row.querySelector(".empty-row").hidden = isEmpty(row);
      var values = fields(row).map(function (field) { return Number(field.value); });
      if (!(values[2] > 0 && values[3] > 0)) return;
      var box = document.createElement("div");
      box.className = "box";
      box.textContent = at + 1;
      box.style.left = 100 * values[0] / width + "%";
      box.style.top = 100 * values[1] / height + "%";
      box.style.width = 100 * values[2] / width + "%";
      box.style.height = 100 * values[3] / height + "%";
      canvas.appendChild(box);
    });
  }

  function inside(value, most) { return Math.round(Math.min(Math.max(value, 0), most)); }
  function place(event) {
    var frame = canvas.getBoundingClientRect();
    return [
      inside((event.clientX - frame.left) / frame.width * width, width),
      inside((event.clientY - frame.top) / frame.height * height, height)
    ];
  }

  function set(row, values) {
    fields(row).forEach(function (field, at) { field.value = values ? values[at] : ""; });
    show();
  }

  canvas.addEventListener("pointerdown", function (event) {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = { row: freeRow(), from: place(event) };
  });
  canvas.addEventListener("pointermove", function (event) {
    if (!drawing) return;
    var from = drawing.from, to = place(event);
    set(drawing.row, [
      Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])
    ]);
  });
  function stop() {
    if (!drawing) return;
    var values = fields(drawing.row).map(function (field) { return Number(field.value); });
    if (values[2] < 4 || values[3] < 4) set(drawing.row, null); // a click, not a rectangle
    drawing = null;
  }
  canvas.addEventListener("pointerup", stop);
  canvas.addEventListener("pointercancel", stop);
  body.addEventListener("input", show);
  body.addEventListener("click", function (event) {
    var button = event.target.closest(".empty-row");
    if (button) set(button.closest("tr"), null);
  });
  canvas.classList.add("drawable");
  show();
})();
