/* Keys of the rating desk: a digit gives points (0 is 10) and goes on to the next criterion, Enter saves.
   Everything here can be done with the fields and the button, too. */
(function () {
  "use strict";
  var form = document.getElementById("rating");
  if (!form) { return; }
  var rows = Array.prototype.slice.call(form.querySelectorAll("fieldset[data-points]"));
  var place = 0;
  var busy = false;

  function chosen(row) { return row.querySelector("input:checked"); }

  function show() {
    rows.forEach(function (row, number) { row.classList.toggle("now", number === place); });
  }

  function go(number) {
    place = Math.max(0, Math.min(rows.length, number));
    show();
    if (rows[place]) { rows[place].scrollIntoView({ block: "nearest" }); }
  }

  while (place < rows.length && chosen(rows[place])) { place += 1; }
  if (place === rows.length) { place = 0; }
  show();

  form.addEventListener("change", function (event) {
    var row = event.target.closest("fieldset[data-points]");
    if (row) { place = rows.indexOf(row) + 1; show(); }
  });

  document.addEventListener("keydown", function (event) {
    var target = event.target;
    var typing = /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && target.type !== "radio");
    if (event.key === "Escape" && typing) { target.blur(); return; }
    if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.contains(target)) {
      event.preventDefault();
      form.querySelector("button.button").click();
      return;
    }
    if (typing || busy || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
    if (/^[0-9]$/.test(event.key) && place < rows.length && !event.repeat) {
      var box = rows[place].querySelector('input[value="' + (event.key === "0" ? "10" : event.key) + '"]');
      if (box) { event.preventDefault(); box.checked = true; go(place + 1); }
    } else if (event.key === "Backspace" || event.key === "ArrowUp" && target.type !== "radio") {
      event.preventDefault();
      go(place - 1);
    } else if (event.key === "Enter" && !/^(A|BUTTON|SUMMARY)$/.test(target.tagName) && !event.repeat) {
      event.preventDefault();
      form.querySelector("button.button").click();
    }
  });

  document.addEventListener("submit", function (event) {
    if (busy) { event.preventDefault(); return; }
    busy = true;
  });
  window.addEventListener("pageshow", function () { busy = false; });
}());
