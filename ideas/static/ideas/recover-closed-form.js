// The page that says that collecting has ended: shows what the form's script had kept, to be copied. Chromium 78.
(function () {
  "use strict";
  var box = document.getElementById("late");
  var sent = box.dataset.sent.split(" ");
  var words = JSON.parse(document.getElementById("recover-closed-form-words").text);
  var all;
  try { all = JSON.parse(localStorage.getItem("idea-form:" + box.dataset.place)) || {}; } catch (error) { return; }
  function isThere(text) {
    return Array.from(box.querySelectorAll("textarea")).some(function (field) { return field.value === text; });
  }
  function isOpen(name) { return sent.indexOf(name.slice(0, 8)) < 0 && Date.now() - all[name].at < 7 * 24 * 3600 * 1000; }
  Object.keys(all).filter(isOpen).forEach(function (name) {
    ["title", "problem", "proposal", "place"].forEach(function (part) {
      var text = all[name].values[part];
      if (!text || !text.trim() || isThere(text)) return;
      var field = box.appendChild(document.createElement("textarea"));
      field.className = "copy";
      field.readOnly = true;
      field.rows = text.length > 60 ? 6 : 2;
      field.value = text;
      field.setAttribute("aria-label", words.typed);
      box.hidden = false;
    });
  });
})();
