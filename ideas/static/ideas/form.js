// Improves the residents' form; without it everything works. Understood by Chromium 78: no ?. and no ??.
(function start() {
  "use strict";
  // Once the page is there, in a task of its own: the browser shall not wait with painting it.
  if (document.readyState !== "complete") return window.addEventListener("load", function () { setTimeout(start); });
  var form = document.getElementById("idea-form");
  var words = form.dataset;
  var place = "idea-form:" + words.place;
  var TEXTS = ["title", "topic", "problem", "proposal", "area", "place"];
  // Who somebody is stays in this tab only: it is gone when the tab is closed.
  var PERSON = ["name", "phone", "email", "naming", "net_name"];
  var ABOUT = ["page", "seen"]; // which page of the form this is, and what it had been shown
  var DAY = 24 * 3600 * 1000;
  var WEEK = 7 * DAY;
  var MOST = 4; // forms kept here; two tabs are two forms
  var key = form.elements.form_key;
  var input = form.elements.photos;
  var strip = document.getElementById("photos-kept");
  var sent = words.sent.split(" "); // the first digits of the keys
  var atServer = words.unfinished.split(" "); // offered above the form, with more in them than a browser keeps

  function say(text, kind, before) {
    var box = document.getElementById("form-says");
    if (!box) {
      box = document.createElement("div");
      box.id = "form-says";
      box.setAttribute("role", "status");
    }
    before = before || form;
    before.parentNode.insertBefore(box, before);
    box.className = "notice " + kind;
    box.textContent = text;
    return box;
  }

  // --- What is typed is kept in the browser as well, each form under its key ------------------------------------------
  function read(store) {
    try { return JSON.parse(store.getItem(place)) || {}; } catch (error) { return {}; }
  }
  function write(store, values) {
    try { store.setItem(place, JSON.stringify(values)); } catch (error) { /* full or forbidden: the server keeps it */ }
  }
  function values(names) {
    var found = {};
    names.forEach(function (name) {
      var field = form.elements[name];
      if (field && field.value) found[name] = field.value;
    });
    return found;
  }
  // What was posted lies with the server; a copy of it lives no longer than its receipt, which tells that it was sent.
  function forms() {
    var all = read(localStorage);
    Object.keys(all).forEach(function (name) {
      var life = all[name].posted ? DAY : WEEK;
      if (isSent(name) || !(Date.now() - all[name].at < life)) delete all[name];
    });
    return all;
  }
  function isSent(name) { return sent.indexOf(String(name).slice(0, 8)) >= 0; }
  function newestFirst(all) {
    return Object.keys(all).sort(function (one, other) { return all[other].at - all[one].at; });
  }
  // `on` names what the server had when this was typed: it tells which of the two is newer.
  function keep(isPosted) {
    var all = forms();
    all[key.value] = {
      at: Date.now(), on: words.kept || "", posted: isPosted, photos: Boolean(strip.querySelector("img")), values: values(TEXTS),
      about: values(ABOUT)
    };
    newestFirst(all).slice(MOST).forEach(function (name) { delete all[name]; });
    write(localStorage, all);
    write(sessionStorage, { key: key.value, values: values(PERSON) });
  }
  function drop(name) {
    var all = forms();
    delete all[name];
    write(localStorage, all);
    write(sessionStorage, {});
  }
  function fill(name, found) {
    var person = read(sessionStorage);
    if (!found.photos && !Object.keys(found.values).length) return;
    var isThere = JSON.stringify(values(TEXTS)) === JSON.stringify(found.values); // the browser itself had it
    TEXTS.forEach(function (field) { form.elements[field].value = found.values[field] || ""; });
    if (person.key === name) Object.keys(person.values).forEach(function (field) {
      form.elements[field].value = person.values[field];
    });
    words.kept = found.on;
    key.value = name;
    ABOUT.forEach(function (field) { form.elements[field].value = found.about && found.about[field] || ""; });
    if (found.photos && !strip.querySelector("img")) showPhotos(name);
    if (isThere) return;
    var empty = document.createElement("button");
    empty.type = "button";
    empty.className = "plain-button";
    empty.textContent = words.wordsEmpty;
    empty.addEventListener("click", function () { drop(name); location.replace(location.pathname); });
    say(words.wordsFound + " ", "good").appendChild(empty);
  }
  function restore() {
    if (form.contains(document.activeElement)) return keep(); // whoever types already has the newest words
    var all = forms();
    var own = read(sessionStorage).key;
    write(localStorage, all);
    if (isSent(own)) write(sessionStorage, {});
    var visit = performance.getEntriesByType("navigation")[0];
    if (visit && visit.type === "reload" && all[key.value]) return fill(key.value, all[key.value]);
    if (document.querySelector(".error-summary")) return;
    if ("kept" in words) {
      if (all[key.value] && all[key.value].on === words.kept) fill(key.value, all[key.value]);
    } else if (all[own]) {
      fill(own, all[own]);
    } else if (Object.keys(all).length) {
      others(function (open) {
        var free = newestFirst(all).filter(function (name) {
          return !open[name] && atServer.indexOf(name) < 0;
        })[0];
        if (free && !form.elements.title.value) fill(free, all[free]);
      });
    }
  }
  // Tabs of this browser tell each other which forms are open: nobody's form is taken over while it is being filled in.
  var open = {};
  function tell(what, text) {
    try { localStorage.setItem(place + what, text + Math.random()); } catch (error) { /* then nobody answers */ }
  }
  function others(answer) {
    tell("?", "");
    setTimeout(function () { answer(open); }, 150);
  }
  window.addEventListener("storage", function (event) {
    if (event.key === place + "?") tell("!", key.value);
    if (event.key === place + "!") open[String(event.newValue).slice(0, key.value.length)] = true;
  });

  // --- Counts that never block; of an empty field there is nothing to count -----------------------------------------
  function count(field, most) {
    var line;
    function show() {
      var length = Array.from(field.value.trim()).length;
      if (!line) {
        line = field.parentNode.appendChild(document.createElement("p"));
        line.className = "hint count";
      }
      line.textContent = (length > most ? words.wordsLong : words.wordsCount).replace("{n}", length).replace("{most}", most);
      line.classList.toggle("over", length > most);
    }
    field.addEventListener("input", show);
    if (field.value) show();
  }

  // --- Photos go up one by one, apart from the text -------------------------------------------------------------------
  var waiting = [];
  var isUploading = false;
  var STALL = 20000; // a line that carries nothing for so long
  var pressed, held, stall;
  function send(file) {
    var data = new FormData();
    ["form_key", "csrfmiddlewaretoken"].forEach(function (name) { data.append(name, form.elements[name].value); });
    if (file) data.append("photos", file);
    var request = new XMLHttpRequest();
    request.open("POST", words.photos);
    request.send(data);
    return request;
  }
  function showPhotos(of) {
    var request = send();
    request.onload = function () { if (request.status === 200 && key.value === of) strip.innerHTML = request.responseText; };
  }
  function fail(text) {
    clearTimeout(stall);
    waiting = [];
    isUploading = false;
    held = null;
    say(text, "bad", strip);
  }
  function upload() {
    var file = waiting.shift();
    isUploading = Boolean(file);
    if (!file) return goOn();
    var line = say(words.wordsSending.replace("{n}", 0), "good", strip);
    var bar = line.appendChild(document.createElement("progress"));
    bar.max = 100;
    var request = send(file);
    function watch() {
      clearTimeout(stall);
      stall = setTimeout(function () {
        var button = line.appendChild(document.createElement("button"));
        button.type = "button";
        button.className = "plain-button";
        button.textContent = words.wordsGoOn;
        button.addEventListener("click", function () {
          var again = held;
          request.onload = request.onerror = null;
          request.abort();
          fail(words.wordsLeftOut);
          if (again) again.click();
        });
      }, STALL);
    }
    watch();
    request.upload.onprogress = function (event) {
      if (!line.querySelector("button")) watch();
      if (!event.lengthComputable) return;
      bar.value = 100 * event.loaded / event.total;
      line.firstChild.data = words.wordsSending.replace("{n}", Math.round(bar.value));
    };
    request.onerror = function () { fail(words.wordsFailed); };
    request.onload = function () {
      clearTimeout(stall);
      if (request.status !== 200) return fail(request.status === 410 ? request.responseText : words.wordsFailed);
      // What is said about one file stays while the next ones go up.
      var faults = Array.from(strip.querySelectorAll(".field-error"));
      strip.innerHTML = request.responseText;
      faults.reverse().forEach(function (fault) { strip.insertBefore(fault, strip.firstChild); });
      line.remove();
      if (!form.elements.kept) form.appendChild(field("kept")); // the server has this form: its error pages lead to it
      keep();
      upload();
    };
  }
  function field(name) {
    var made = document.createElement("input");
    made.type = "hidden";
    made.name = name;
    return made;
  }
  // A button that was pressed meanwhile is pressed again, unless there is something to read first.
  function goOn() {
    var button = held;
    held = null;
    if (button && !strip.querySelector(".field-error")) button.click();
  }
  input.addEventListener("change", function () {
    strip.querySelectorAll(".field-error").forEach(function (fault) { fault.remove(); });
    waiting = waiting.concat(Array.from(input.files));
    input.value = "";
    keep();
    if (!isUploading) upload();
  });

  // --- Ideas that are alike, while typing -------------------------------------------------------------------------------
  var alike = document.getElementById("alike");
  var asked, timer;
  function ask() {
    var data = new FormData();
    ["csrfmiddlewaretoken", "title", "problem", "proposal", "place", "area"].forEach(function (name) {
      data.append(name, form.elements[name].value);
    });
    var request = new XMLHttpRequest();
    request.onload = function () { if (request.status === 200) alike.innerHTML = request.responseText; };
    request.open("POST", words.alike);
    request.send(data);
  }

  // --- A double click, a lost connection, a photo on its way -----------------------------------------------------------
  var isSending = false;
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (button && button.form === form) pressed = button;
  });
  form.addEventListener("submit", function (event) {
    keep(navigator.onLine !== false);
    if (navigator.onLine === false) {
      event.preventDefault();
      say(words.wordsOffline, "bad").scrollIntoView();
    } else if (isUploading) {
      event.preventDefault();
      held = pressed;
      document.getElementById("form-says").scrollIntoView();
    } else if (isSending) {
      event.preventDefault();
    } else {
      isSending = true;
      setTimeout(function () { isSending = false; }, 8000);
    }
  });
  window.addEventListener("online", function () {
    var box = document.getElementById("form-says");
    if (box && box.firstChild.data === words.wordsOffline) box.remove();
  });
  window.addEventListener("pageshow", function () { isSending = false; });

  form.addEventListener("input", function () {
    keep();
    clearTimeout(timer);
    if (alike) timer = setTimeout(function () {
      var now = form.elements.title.value + form.elements.problem.value;
      if (now !== asked && now.length > 9) { asked = now; ask(); }
    }, 900);
  });
  restore();
  count(form.elements.title, 60);
  count(form.elements.problem, 5000);
  count(form.elements.proposal, 5000);
})();
