// A press in one form waits as long as words stand unsent in another form of the page. Chromium 78.
(function () {
  "use strict";
  var words = JSON.parse(document.getElementById("unsent-words").text);

  function isUnsent(field) {
    var isOpen = field.form && field.form.method === "post" && !field.readOnly && !field.disabled;
    return isOpen && field.value.trim() && field.value !== field.defaultValue;
  }

  function show(field) {
    var drawer = field.closest("details");
    var notice = document.getElementById("unsent") || document.createElement("p");
    if (drawer) { drawer.open = true; }
    notice.id = "unsent";
    notice.className = "notice warn";
    notice.setAttribute("role", "alert");
    notice.textContent = words.first;
    field.parentNode.insertBefore(notice, field);
    field.focus();
    field.scrollIntoView({ block: "center" });
  }

  // Before every other listener, so that none takes the form for sent.
  document.addEventListener("submit", function (event) {
    var main = document.querySelector("main") || document.getElementById("content");
    if (!main || !main.contains(event.target)) { return; }
    var fields = Array.from(main.querySelectorAll("textarea, input[type=text]"));
    var left = fields.find(function (field) { return field.form !== event.target && isUnsent(field); });
    if (!left) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    show(left);
  }, true);
}());
