/* Keys of the triage desk. Everything here can be done with the buttons and links, too: a key presses what names it. */
(function () {
  "use strict";
  var busy = false;

  function named(root, key) {
    var found = root.querySelectorAll('[data-key="' + key + '"]');
    for (var i = 0; i < found.length; i += 1) {
      // The keys inside a closed or another drawer do not count.
      var drawer = found[i].parentElement.closest("details");
      if (root !== document || !drawer) { return found[i]; }
    }
    return null;
  }

  function close(drawers) {
    drawers.forEach(function (drawer) { drawer.open = false; });
  }

  function press(target) {
    if (target.tagName !== "DETAILS") { target.click(); return; }
    close(Array.prototype.slice.call(document.querySelectorAll("details[data-key][open]")));
    target.open = true;
    var first = target.querySelector("[data-key]") ? target.querySelector("summary") : target.querySelector("textarea, select, input:not([type=hidden])");
    first.focus();
    target.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", function (event) {
    var writing = /^(TEXTAREA|SELECT|INPUT)$/.test(event.target.tagName);
    if (event.key === "Escape") {
      close(Array.prototype.slice.call(document.querySelectorAll("details[data-key][open]")));
      if (writing) { event.target.blur(); }
      return;
    }
    if (writing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.target.form.querySelector("button.act").click();
      return;
    }
    if (writing || busy || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) { return; }
    var key = event.key.toLowerCase();
    if (!/^[a-z0-9]$/.test(key)) { return; }
    var open = document.querySelector("details[data-key][open]");
    var target = (open && named(open, key)) || named(document, key);
    if (target) { event.preventDefault(); press(target); }
  });

  document.addEventListener("submit", function (event) {
    if (busy) { event.preventDefault(); return; }
    busy = true;
  });
  window.addEventListener("pageshow", function () { busy = false; });
}());
